#ifndef CHILD_H
#define CHILD_H

#include "reason.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* What to start and with what for descriptors. */
struct child_plan {
	char *const *argv;     /* as the program sees it */
	const char *directory; /* where it runs */
	bool pipes;            /* no pty */
	bool tty_output;       /* stdout is the pty */
	bool qmp;              /* a socket as descriptor 3 */
	sigset_t mask;         /* its signal mask */
};

/* The emulator and our ends of its descriptors; -1 where there is none. All are
 * non-blocking and close on exec. */
struct child {
	pid_t pid; /* also its process group and session; 0: not started */
	int master;
	int slave; /* held open, so that the master never ends */
	int in;    /* its stdin; the same as master but with pipes */
	int out;   /* its stdout; -1 when it is the pty */
	int err;
	int qmp;
};

/* Starts the program in a session and process group of its own; it gets SIGKILL
 * when we die. A program named without a slash is looked up in PATH, with one
 * from our directory. Returns 0, or -1 with the reason and errno of the exec
 * (ENOENT: not found, EACCES ...) in *error, 0 when it did not come to that.
 * child_close is called either way. */
int child_start(struct child *child, const struct child_plan *plan, int *error,
    struct reason *why);

/* Sends a signal to the whole process group. */
void child_signal(const struct child *child, int number);

void child_close(struct child *child);

#endif
