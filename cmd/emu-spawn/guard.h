#ifndef GUARD_H
#define GUARD_H

#include "guest_input.h"
#include "leased_dir.h"

#include <sys/types.h>

enum { GUARD_DIRS = 2 };

/* A process that outlives us when we are killed, and then does what we cannot
 * do any more. */
struct guard {
	pid_t pid; /* 0: none */
	int pipe;  /* its end tells that we are gone */
	/* What it kills then: process groups, 0 where there is none. It shares
	 * this memory with us. NULL: it is dismissed. */
	pid_t *groups;
};

/* Starts it, after the directories were chosen (those with a path) and before
 * they are made, with a copy of all: it kills the run's processes, removes what
 * was made, and sets the console as it was saved. Meanwhile it sweeps what
 * other runs left there. Ends the program when it cannot be started. */
void guard_open(struct guard *guard, struct leased_dir *const dirs[GUARD_DIRS],
    const struct console *console);

/* Adds a process group to those that it kills; and takes it away, before its
 * leader is waited for, since its number may then become somebody else's. */
void guard_add(const struct guard *guard, pid_t group);
void guard_drop(const struct guard *guard, pid_t group);

/* Lets it go: there is nothing left to do. */
void guard_dismiss(struct guard *guard);

/* Waits until it is gone, a second at most: what it has not swept by then is
 * left for the next run. */
void guard_close(struct guard *guard);

#endif
