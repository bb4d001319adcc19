#ifndef HELPERS_H
#define HELPERS_H

#include "child.h"
#include "guard.h"
#include "leased_dir.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HELPERS = 32 };

/* A program that the machine needs beside its emulator: what serves a file
 * system, a TPM. It is ready when it listens on its socket. */
struct helper {
	const char *command; /* for sh -c; borrowed */
	char *socket;        /* absolute once it is started; owned */
	int said;            /* a file in memory with what it printed */
	struct child child;
};

struct helpers {
	struct helper list[HELPERS];
	size_t count;
	struct reason failure; /* of one that ended by itself; "": none */

	/* How they are started; stored by the caller before that. */
	const char *directory; /* where they run: the emulator's; NULL: ours */
	const struct leased_dir *lease;
	const struct guard *guard;
	const sigset_t *mask;
	uint64_t patience; /* until the last is ready, in nanoseconds */
};

/* Takes one: SOCKET=COMMAND. Ends the program when the text is not that. */
void helpers_add(struct helpers *helpers, const char *text);

/* Starts all and waits until they are ready, or a signal that ends the run has
 * come. Ends the program when one fails, and names it. */
void helpers_start(struct helpers *helpers);

/* Reaps the process if it is one of them, and notes how it ended. Returns
 * whether it is. */
bool helpers_reap(struct helpers *helpers, pid_t pid);

/* Kills them and removes their sockets. */
void helpers_end(struct helpers *helpers);

#endif
