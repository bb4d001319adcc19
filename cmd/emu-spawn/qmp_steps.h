#ifndef QMP_STEPS_H
#define QMP_STEPS_H

#include "qmp.h"
#include "reason.h"

#include <stdbool.h>

/* A command of QMP in a row of them; the last one has no command. */
struct qmp_step {
	const char *command;
	const char *arguments; /* the text of an object, or NULL */
	bool passes;           /* the descriptor goes with it */
	bool migrates;         /* done when a MIGRATION event says so */
};

/* A row of commands, each sent when the one before it is done. */
struct qmp_steps {
	const struct qmp_step *next; /* NULL: nothing to do */
	int fd;                      /* for the one that passes it; borrowed */
	bool sent;                   /* the next one; it is not done yet */
	bool failed;
	struct reason why;
};

void qmp_steps_begin(
    struct qmp_steps *steps, const struct qmp_step *first, int fd);

/* Sends the next command, unless one is being done. Returns 0, or -1 with
 * errno. */
int qmp_steps_send(struct qmp_steps *steps, int socket);

/* Takes a message that may be an answer. */
void qmp_steps_message(
    struct qmp_steps *steps, const struct qmp_message *message);

/* Whether all are done, or one has failed. */
bool qmp_steps_ended(const struct qmp_steps *steps);

#endif
