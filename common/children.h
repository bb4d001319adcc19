#ifndef CHILDREN_H
#define CHILDREN_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Children of this process, which has one thread. A child that was not waited
 * for keeps its number, so that none here ever means another process. */
struct children {
	pid_t *list; /* owned */
	size_t count, room;
};

/* Adds, takes out (one that is not in it: nothing), asks. Adding returns 0, or
 * -1 with errno set. */
int children_add(struct children *children, pid_t pid);
void children_drop(struct children *children, pid_t pid);
bool children_has(const struct children *children, pid_t pid);
void children_free(struct children *children);

/* Makes this process the one that adopts orphans among its descendants (a
 * subreaper), and lists the children that it has already, which are those of
 * whoever became us by exec. Returns 0, or -1 with the reason. */
int children_adopt(struct children *had, struct reason *why);

/* Lists the children that there are now, zombies too. From
 * /proc/thread-self/children where the kernel has it (CONFIG_PROC_CHILDREN),
 * else from every process's stat. A child born or adopted meanwhile may be
 * missing. Returns 0, or -1 with errno set. */
int children_list(struct children *children);

/* The parent of a process, 0 when it is gone. */
pid_t children_parent(pid_t pid);

/* How what is left of a run is ended. */
struct children_ending {
	struct children spared; /* not the run's; the caller adds and drops */
	struct children asked;  /* those that were sent SIGTERM */
	uint64_t kill_at;       /* when SIGKILL is due (clock_now) */
};

/* One look: SIGTERM, once to each child that is not spared; from kill_at on
 * SIGKILL. Only to children: what is below them is theirs to end, and becomes
 * ours when they die, so look again until none is left. Reaps nothing. Stores
 * one of them in *some. Returns how many there are, -1 when that is unknown. */
int children_end(struct children_ending *ending, pid_t *some);

/* Sends a signal, and SIGCONT: a stopped process heeds a signal only when it
 * goes on. */
void children_ask(pid_t pid, int signal);

/* Kills until all are gone, and reaps them; the status of none is kept. What
 * SIGKILL does not end within three seconds (another user's process, one that
 * hangs in the kernel) is left. Returns 0, or -1 with the reason. */
int children_bury(struct children_ending *ending, struct reason *why);

/* Whether it is time to give up what does not end; then the reason. */
bool children_too_late(
    const struct children_ending *ending, pid_t some, struct reason *why);

#endif
