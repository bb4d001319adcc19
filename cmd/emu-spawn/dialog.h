#ifndef DIALOG_H
#define DIALOG_H

#include "child.h"
#include "line.h"
#include "reason.h"

#include <signal.h>
#include <stdbool.h>

/* The command of -X, which talks with the guest: its stdin and stdout are on
 * the line. Its stdin is a raw terminal, because chat(8) wants one, its stdout
 * a pipe. */
struct dialog {
	struct child child; /* leads a session of its own */
	int slave;          /* held, to see what it has not read yet; -1 */
	struct stream from; /* its stdout */
	bool ended;
	int status; /* once it has: as a shell has it, 128+n for signal n */
};

extern const struct dialog dialog_none;

/* Starts sh -c command with this signal mask; its stdin becomes the sink.
 * Returns 0, or -1 with the reason; dialog_close either way. */
int dialog_open(struct dialog *dialog, struct sink *to, const char *command,
    const sigset_t *mask, struct reason *why);

/* The line has ended: lets it see that, once it has read what there is, since a
 * hangup throws away the rest. Returns whether it has not read all yet. */
bool dialog_hang_up(struct dialog *dialog, struct sink *to);

/* Kills what lives of its process group and stores its status. */
void dialog_end(struct dialog *dialog);

void dialog_close(struct dialog *dialog);

#endif
