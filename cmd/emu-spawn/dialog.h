#ifndef DIALOG_H
#define DIALOG_H

#include "child.h"
#include "line.h"
#include "queue.h"
#include "reason.h"

#include <signal.h>
#include <stdbool.h>

/* The command of -X, which talks with the guest: its stdin and stdout are on
 * the line. Its stdin is a raw terminal, because chat(8) wants one, its stdout
 * a pipe. */
struct dialog {
	struct child child; /* leads a session of its own */
	struct sink to;     /* its stdin: the master */
	int slave;          /* held, to see what it has not read yet; -1 */
	int from;           /* its stdout; -1 */
	bool ended;
	int status; /* once it has: as a shell has it, 128+n for signal n */
};

extern const struct dialog dialog_none;

/* Starts sh -c command with this signal mask. Returns 0, or -1 with the reason;
 * dialog_close either way. */
int dialog_open(struct dialog *dialog, const char *command,
    const sigset_t *mask, struct reason *why);

/* Reads what it says into the queue. Returns 0, or -1 with errno. */
int dialog_take(struct dialog *dialog, struct queue *queue);

/* The line has ended: lets it see that, once it has read what there is, since a
 * hangup throws away the rest. Returns whether it has not read all yet. */
bool dialog_hang_up(struct dialog *dialog);

/* Kills what lives of its process group and stores its status. */
void dialog_end(struct dialog *dialog);

void dialog_close(struct dialog *dialog);

#endif
