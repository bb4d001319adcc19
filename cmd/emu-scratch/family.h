#ifndef FAMILY_H
#define FAMILY_H

#include "children.h"
#include "reason.h"

#include <stdint.h>
#include <sys/types.h>

/* How long what is left may take from SIGTERM to its end, in nanoseconds.
 * Orderly: longer than emu-spawn takes by default (-k, 5 s), so that its record
 * gets written. After a SIGKILL of one of us: little, all is to be gone within
 * 200 ms. */
static const uint64_t family_patience = 6000000000, family_haste = 100000000;

/* Everything below a subreaper: its child, the command, and what it adopts. */
struct family {
	pid_t command; /* 0 once it has ended, or when it is not known */
	int status;    /* the command's wait status, once it has ended */
	int stop;      /* the first signal that asked us to stop, or 0 */
	int signals;   /* signalfd of SIGCHLD and of the signals that stop */
	int other;     /* pidfd of the other half; -1 when there is none */
	pid_t resume;  /* process group to continue after ^Z; 0: none */
	uint64_t patience;             /* with what is asked to end */
	struct children_ending ending; /* kill_at is UINT64_MAX: no limit yet */
};

/* Waits until the command has ended, of itself or because one of the signals,
 * sent on to it, or the death of the other half asked for it; then ends
 * whatever is left: SIGTERM to each as soon as it is our child, SIGKILL when
 * the limit has come. Returns 0 when nothing is left, or -1 with the reason. */
int family_watch(struct family *family, struct reason *why);

/* Puts the limit at most this far away, in nanoseconds. */
void family_hurry(struct family *family, uint64_t patience);

#endif
