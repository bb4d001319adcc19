#ifndef CHILDREN_H
#define CHILDREN_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Process IDs of children of this process, which must have a single thread. The
 * ID of a child that was not waited for cannot be reused. */
struct children {
	pid_t *list; /* owned */
	size_t count, room;
};

/* Adds a child, removes it if it is in the list, and tells whether it is.
 * Adding returns 0, or -1 with errno set. */
int children_add(struct children *children, pid_t pid);
void children_drop(struct children *children, pid_t pid);
bool children_has(const struct children *children, pid_t pid);
void children_free(struct children *children);

/* Makes this process adopt orphans among its descendants (a subreaper), and
 * lists the children that it already has: those of the program that ran in this
 * process before exec. Returns 0, or -1 with the reason. */
int children_adopt(struct children *had, struct reason *why);

/* Lists the present children, including zombies. It reads
 * /proc/thread-self/children where the kernel has it (CONFIG_PROC_CHILDREN),
 * and otherwise the stat file of every process. A child that is born or adopted
 * meanwhile may be missing. Returns 0, or -1 with errno set. */
int children_list(struct children *children);

/* The parent of a process, 0 when it is gone; and the name of its program, for
 * people, "?" when that is not known. */
pid_t children_parent(pid_t pid);
struct children_name {
	char text[64];
};
struct children_name children_name(pid_t pid);

/* How the remaining processes of a run are ended. */
struct children_ending {
	struct children spared; /* not the run's; the caller adds and drops */
	struct children asked;  /* those that were sent SIGTERM */
	uint64_t kill_at;       /* when SIGKILL is due (clock_now) */
};

/* Signals each child that is not spared: once with SIGTERM, and from kill_at on
 * with SIGKILL. It does not signal their children, which this process adopts
 * when their parents die, so the caller repeats this until no child is left.
 * With `reaping`, those that have ended are reaped. Stores one of the children
 * in *some. Returns their number, or -1 when it is unknown. */
int children_end(struct children_ending *ending, bool reaping, pid_t *some);

/* Sends a signal and then SIGCONT, because a stopped process handles a signal
 * only when it continues. */
void children_ask(pid_t pid, int signal);

/* Waits until the child has exited, at most so many nanoseconds, kills it if it
 * has not, and reaps it. Does nothing when the ID is 0 or -1. */
void children_dismiss(pid_t pid, uint64_t patience);

/* Kills and reaps all children that are not spared, and discards their
 * statuses. Gives up on a process that SIGKILL does not end within three
 * seconds, because it is another user's or hangs in the kernel. Returns 0, or
 * -1 with the reason. */
int children_bury(struct children_ending *ending, struct reason *why);

/* Tells whether it is time to give up on the process `some`, and then stores
 * the reason. */
bool children_too_late(
    const struct children_ending *ending, pid_t some, struct reason *why);

#endif
