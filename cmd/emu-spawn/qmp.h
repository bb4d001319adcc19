#ifndef QMP_H
#define QMP_H

#include <stdbool.h>
#include <stddef.h>

/* What a line of QMP says. */
enum qmp_kind {
	QMP_NOISE,    /* nothing that matters here */
	QMP_GREETING, /* now qmp_capabilities may be sent */
	QMP_EVENT,    /* name, reason, action */
	QMP_STATUS,   /* the answer to query-status, in name */
};

struct qmp_message {
	enum qmp_kind kind;
	char name[32];    /* "SHUTDOWN"; "internal-error" */
	char reason[32];  /* data.reason of SHUTDOWN, "" when there is none */
	char action[16];  /* data.action of GUEST_PANICKED and WATCHDOG */
	const char *text; /* the line; lives until the next qmp_next */
	size_t len;
};

/* A reader of QMP: bytes in, messages out. Whole lines of at most a few KiB are
 * understood; longer ones and what is no JSON object are noise. */
struct qmp {
	char *buf;
	size_t len;
	size_t used; /* bytes of buf that were handed out */
	bool too_long;
};

/* Takes len bytes that came. Returns 0, or -1 with errno when memory is short.
 */
int qmp_take(struct qmp *qmp, const char *bytes, size_t len);

/* The next message that is complete; false when there is none. */
bool qmp_next(struct qmp *qmp, struct qmp_message *message);

void qmp_free(struct qmp *qmp);

/* Sends a command, all of it. Returns 0, or -1 with errno: EAGAIN when the
 * emulator has left more unread than a socket holds. */
int qmp_send(int socket, const char *command);

#endif
