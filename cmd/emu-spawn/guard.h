#ifndef GUARD_H
#define GUARD_H

#include "clients.h"
#include "console.h"
#include "place.h"

#include <sys/types.h>

/* A process that outlives us when we are killed, and then does what we cannot
 * do any more. */
struct guard {
	pid_t pid; /* 0: none */
	int pipe;  /* to tell it something */
};

/* What it takes care of; NULL where there is none. */
struct guard_charge {
	struct place *place;           /* removed if it is fresh */
	const struct clients *clients; /* their socket is removed */
	const struct console *console; /* set as it was saved */
};

/* Starts it, with a copy of the charge. Returns 0, or -1 with errno. */
int guard_open(struct guard *guard, const struct guard_charge *charge);

/* Tells it of a process group to kill. */
void guard_add(const struct guard *guard, pid_t group);

/* Lets it go: there is nothing left to do. */
void guard_dismiss(struct guard *guard);

/* Waits until it is gone. */
void guard_close(struct guard *guard);

#endif
