#include "qmp_steps.h"

#include <string.h>

void
qmp_steps_begin(struct qmp_steps *steps, const struct qmp_step *first, int fd)
{
	*steps = (struct qmp_steps){.next = first, .fd = fd};
}

bool
qmp_steps_ended(const struct qmp_steps *steps)
{
	return steps->next == NULL || steps->next->command == NULL ||
	       steps->failed;
}

int
qmp_steps_send(struct qmp_steps *steps, int socket)
{
	if (qmp_steps_ended(steps) || steps->sent)
		return 0;
	steps->sent = true;
	return qmp_request(socket, steps->next->command, steps->next->arguments,
	    steps->next->passes ? steps->fd : -1);
}

static void
go_on(struct qmp_steps *steps)
{
	steps->next++;
	steps->sent = false;
}

/* The states of a migration that it does not leave (qapi/migration.json). */
static void
take_migration(struct qmp_steps *steps, const char *status)
{
	if (strcmp(status, "completed") == 0) {
		go_on(steps);
	} else if (strcmp(status, "failed") == 0 ||
		   strcmp(status, "cancelled") == 0) {
		steps->failed = true;
		reason_set(&steps->why, "%s: %s", steps->next->command, status);
	}
}

void
qmp_steps_message(struct qmp_steps *steps, const struct qmp_message *message)
{
	if (qmp_steps_ended(steps) || !steps->sent)
		return;
	if (message->kind == QMP_REFUSAL) {
		steps->failed = true;
		reason_set(&steps->why, "%s: %.500s", steps->next->command,
		    message->reason);
	} else if (message->kind == QMP_ANSWER && !steps->next->migrates) {
		go_on(steps);
	} else if (message->kind == QMP_EVENT && steps->next->migrates &&
		   strcmp(message->name, "MIGRATION") == 0) {
		take_migration(steps, message->status);
	}
}
