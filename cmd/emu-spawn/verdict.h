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
	bool waits;           /* its guest runs only after QMP has said so */
	bool held;            /* and waits for us alone */
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

/* Records something after which the emulator has to be stopped. It decides the
 * verdict unless an earlier event did: the cause, our exit status, and a
 * formatted message for people, which may be "". */
void verdict_stop(struct verdict *verdict, enum cause cause, int status,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Calls verdict_stop because something that we need has failed: status 125. The
 * message is `what`, followed by the text of the errno `error` unless that is
 * 0. */
void verdict_error(struct verdict *verdict, const char *what, int error);

/* Calls verdict_stop because the reader has left, or the user. If `may` is set,
 * that is no failure. */
void verdict_reader(struct verdict *verdict, bool may, const char *what);

/* Calls verdict_stop because the emulator does not let its guest run, and says
 * why. */
void verdict_unstarted(struct verdict *verdict, const char *why);

/* Calls verdict_stop because the command of -X has failed with this status, as
 * a shell has it. It also takes the place of an emulator's success. */
void verdict_command(struct verdict *verdict, int status);

/* Records that something could not be kept, ended or removed. The message is
 * the reason for status 125 if the run was a success, and is added to the
 * reason if it was not. */
void verdict_left(struct verdict *verdict, const char *what);

/* Adds an explanation to the message for people, unless it is "". */
void verdict_explain(struct verdict *verdict, const char *text);

/* Takes a QMP message into account. */
void verdict_message(
    struct verdict *verdict, const struct qmp_message *message);

/* Makes the verdict final. The emulator has ended with wait_status, as waitpid
 * stores it; spoke tells whether there was a byte on the line, and errors is
 * the end of its stderr. */
void verdict_end(
    struct verdict *verdict, int wait_status, bool spoke, const char *errors);

/* Stores the last line of a text that is not blank, for people: without escape
 * sequences and control characters, cut to the room there is; "" when there is
 * none. */
enum { VERDICT_LINE = 400 };
void verdict_last_line(const char *text, size_t len, char line[VERDICT_LINE]);

/* Returns the name of the cause in the record, such as "exit". */
const char *verdict_cause_name(enum cause cause);

#endif
