#ifndef CHILDREN_H
#define CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A set of processes. Those in it are children that were not waited for, so a
 * number never means another process. */
struct pids {
	pid_t *list; /* owned */
	size_t count, room;
};

/* Adds, takes out (one that is not in it: nothing), asks. Adding returns 0, or
 * -1 with errno set. */
int pids_add(struct pids *pids, pid_t pid);
void pids_drop(struct pids *pids, pid_t pid);
bool pids_has(const struct pids *pids, pid_t pid);
void pids_free(struct pids *pids);

/* The parent of a process, given by its number in decimal; 0 when it is gone.
 */
pid_t children_parent(const char *pid);

/* Lists the children of this process, which has one thread; zombies too. From
 * /proc/thread-self/children where the kernel has it (CONFIG_PROC_CHILDREN),
 * else from every process's stat. A child born or adopted meanwhile may be
 * missing. Returns 0, or -1 with errno set. */
int children_list(struct pids *children);

#endif
