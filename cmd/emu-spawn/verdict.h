#ifndef VERDICT_H
#define VERDICT_H

#include "qmp.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* Why the run ended, in the record by these names in small letters. */
enum cause {
	CAUSE_NONE, /* nothing decided yet */
	CAUSE_EXIT,
	CAUSE_PANIC,
	CAUSE_RESET,
	CAUSE_SILENCE,
	CAUSE_READER,
	CAUSE_TIMEOUT,
	CAUSE_ERROR,
	CAUSE_START,
	CAUSE_SIGNAL,
	CAUSE_COMMAND, /* -X failed */
};

/* How it went, decided by the first decisive event. */
struct verdict {
	enum cause cause;
	int status;        /* ours; final after verdict_end */
	const char *limit; /* which one passed, or NULL */
	char *event;       /* the decisive QMP event as it came; owned */
	bool powered_off;  /* QMP said that the guest is done */
	struct reason why; /* for people; "" when all went well */
};

/* What QMP's message asks for. */
enum verdict_wish {
	VERDICT_NOTHING,
	VERDICT_ASK,  /* query-status: the machine stands still */
	VERDICT_WAIT, /* the emulator should end now by itself */
	VERDICT_STOP, /* it will not: stop it */
};

/* Decides, unless something else has already. Formats why. Returns whether it
 * was the first. */
bool verdict_decide(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Decides that the reader left: no failure when he may. */
void verdict_reader(struct verdict *verdict, bool may, const char *what);

/* -X failed while the emulator did not. */
void verdict_command(struct verdict *verdict, int status);

/* Something could not be ended or removed, which makes an error of a success.
 */
void verdict_left(struct verdict *verdict, const struct reason *what);

/* Adds an explanation for people, if it is not "". */
void verdict_explain(struct verdict *verdict, const char *text);

/* Takes a QMP message into account. */
enum verdict_wish verdict_message(
    struct verdict *verdict, const struct qmp_message *message);

/* What verdict_end decides from when nothing came before. */
struct verdict_facts {
	const char *name;    /* of the emulator, for people */
	int wait_status;     /* as waitpid stores it */
	bool said_something; /* on the line */
	bool mute;           /* it said nothing by QMP, and should have */
	const bool *success; /* statuses that count as success, or NULL */
	const char *errors;  /* the end of its stderr, NUL-terminated */
};

/* The emulator has ended: makes the verdict final. */
void verdict_end(struct verdict *verdict, const struct verdict_facts *facts);

/* The cause as the record has it: "exit". */
const char *verdict_cause_name(enum cause cause);

void verdict_free(struct verdict *verdict);

#endif
