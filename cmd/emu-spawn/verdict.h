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
	json_t *event;     /* the decisive QMP message; owned */
	struct reason why; /* for people; "" when all went well */

	/* What it is decided by, beside what QMP says. */
	const char *name;     /* of the emulator, for people */
	bool qmp;             /* it could speak QMP */
	bool demanded;        /* and has to */
	const bool *success;  /* statuses that count as success, or NULL */
	unsigned resets_most; /* so many end it; 0: none */

	/* What QMP has said. */
	bool greeted;
	bool ran;         /* the guest has run */
	bool paused;      /* somebody outside makes it stand still */
	bool powered_off; /* it is done */
	unsigned resets;  /* how often it has reset itself, running on */
	bool garbled;     /* something could not be understood */

	/* What follows, for the loop. */
	bool stop;    /* the emulator has to be stopped */
	bool awaited; /* it should end by itself now */
};

/* Something after which the emulator has to be stopped: the cause, unless
 * another has been decided already, our status, and why it is one. */
void verdict_stop(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same for something that we need and that failed, with this errno unless
 * it is 0: status 125. */
void verdict_error(struct verdict *verdict, const char *what, int error);

/* The same for the reader, who left: no failure when he may. */
void verdict_reader(struct verdict *verdict, bool may, const char *what);

/* The same for -X, which failed while the emulator did not. */
void verdict_command(struct verdict *verdict, int status);

/* Something could not be kept, ended or removed, which makes an error of a
 * success, and is added to the reason of a failure. */
void verdict_left(struct verdict *verdict, const char *what);

/* Adds an explanation for people, if it is not "". */
void verdict_explain(struct verdict *verdict, const char *text);

/* Takes a QMP message into account. */
void verdict_message(
    struct verdict *verdict, const struct qmp_message *message);

/* The emulator has ended with this status (as waitpid stores it), `spoke` when
 * there was something on the line; errors is the end of its stderr. Makes the
 * verdict final. */
void verdict_end(
    struct verdict *verdict, int wait_status, bool spoke, const char *errors);

/* Stores the last line of a text that is not blank, for people: without escape
 * sequences and control characters, cut to the room there is; "" when there is
 * none. */
enum { VERDICT_LINE = 400 };
void verdict_last_line(const char *text, size_t len, char line[VERDICT_LINE]);

/* The cause as the record has it: "exit". */
const char *verdict_cause_name(enum cause cause);

#endif
