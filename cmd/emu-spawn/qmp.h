#ifndef QMP_H
#define QMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What a line of QMP says (docs/interop/qmp-spec.txt of QEMU). */
enum qmp_kind {
	QMP_OTHER,    /* nothing that matters here */
	QMP_GARBLED,  /* not a JSON object: an event may have been lost */
	QMP_GREETING, /* now qmp_capabilities may be sent */
	QMP_EVENT,    /* name; detail is its reason, action or status */
	QMP_STATUS,   /* the answer to query-status: name is the run state */
	QMP_ANSWER,   /* to a command with an id, which is the name */
	QMP_REFUSAL,  /* the same, an error: detail describes it */
};

struct qmp_message {
	enum qmp_kind kind;
	json_t *value;      /* owned by the reader until the next qmp_next */
	const char *name;   /* "SHUTDOWN"; "internal-error" */
	const char *detail; /* "guest-reset"; "" for none */
};

/* A reader of QMP: bytes in, messages out. */
struct qmp {
	char *bytes; /* owned, as value is */
	size_t len;
	size_t used; /* bytes that were handed out */
	bool ended;  /* no more will come: the last line needs no newline */
	bool lost;   /* the rest of a line that was too long */
	json_t *value;
};

/* Adds len bytes that came from the emulator; 0 bytes mean that no more will
 * come. Returns 0, or -1 with errno when memory is short. */
int qmp_take(struct qmp *qmp, const char *bytes, size_t len);

/* Stores the next complete message, which holds until the next call. Returns
 * false when there is none. */
bool qmp_next(struct qmp *qmp, struct qmp_message *message);

/* Sends a command. The emulator's answer to it has the same id; id is NULL for
 * a command whose answer does not matter. arguments is the text of an object,
 * or NULL. The descriptor fd, unless it is -1, is passed with the command, as
 * getfd and add-fd need it. Returns 0, or -1 with errno: EAGAIN when the
 * emulator has left more unread than a socket holds. */
int qmp_send(int socket, const char *command, const char *id,
    const char *arguments, int fd);

#endif
