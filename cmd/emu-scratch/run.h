#ifndef RUN_H
#define RUN_H

#include "children.h"
#include "leased_dir.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* What both halves know from before they part, and how the run of each goes. */
struct run {
	struct leased_dir dir;
	bool keep;
	const char *const *argv; /* the command */
	int closed;              /* mask of 0, 1, 2 that came closed */
	sigset_t mask;           /* the caller's, for the command */
	int signals;             /* signalfd */
	int front;               /* pidfd of the front half; -1: not watched */
	pid_t group;             /* the caller's process group */
	bool job;                /* somebody is there to continue it after ^Z */
	double scale;            /* EMU_TIME_SCALE */
	bool interrupted;        /* by SIGINT */
	pid_t sweeper;           /* the front's; 0: none */

	pid_t command; /* 0 once it has ended, or when it is not known */
	int status;    /* the command's wait status, once it has ended */
	int stop;      /* the first signal that asked us to stop, or 0 */
	pid_t resume;  /* process group to continue after ^Z; 0: none */
	/* How what is left ends: SIGTERM to each as soon as it is our child,
	 * and SIGKILL at kill_at; UINT64_MAX: no limit yet. What we had before
	 * is spared. */
	struct children_ending ending;
	uint64_t patience; /* from SIGTERM to the end, in nanoseconds */
};

/* Makes the directory, runs the command in it and ends what it leaves: the
 * keeper's life, called in a fresh child of the front half. Returns the exit
 * status. */
int run_keep(struct run *run);

/* Lives on until the keeper has ended, and does its work when it was killed.
 * Returns the exit status, or -SIGINT when that is to be died of. */
int run_front(struct run *run, pid_t keeper);

#endif
