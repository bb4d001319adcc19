#ifndef CHILD_H
#define CHILD_H

#include "reason.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Values of child_plan.fds that are not descriptors of this process. */
enum {
	CHILD_FDS = 8,
	CHILD_NULL = -1,   /* /dev/null */
	CHILD_READS = -2,  /* a pipe from this process to the child */
	CHILD_WRITES = -3, /* a pipe from the child to this process */
	CHILD_CLOSED = -4,
};

/* How to start a program. "We" is the process that starts it. */
struct child_plan {
	/* Ended by NULL. A program name without a slash is looked up in PATH;
	 * a relative path is relative to our directory, not to `directory`. */
	const char *const *argv;
	const char *directory; /* where it runs; NULL: where we do */
	int fds[CHILD_FDS];    /* the child's descriptors 0 to count - 1 */
	size_t count;          /* below 3, the child inherits the others */
	const sigset_t *mask;  /* the signals it starts with blocked; or NULL */
	pid_t group;           /* the process group it joins; 0: ours */
	bool session;          /* a session and a process group of its own */
	bool terminal;         /* its stdin is its controlling terminal */
	bool survives;         /* it keeps running when we die */
	bool transparent;      /* it ignores the signals that we ignore */
};

/* A child. {0} is one that was not started. */
struct child {
	pid_t pid; /* 0: not started, or ended by child_end */
	int pidfd; /* readable when it has exited */
	/* Our ends of its pipes, blocking; -1: none. child_end closes them; a
	 * caller that stores -1 here closes the descriptor itself. */
	int ends[CHILD_FDS];
	bool leads;          /* its process group is its own */
	int error;           /* errno of an exec that failed; else 0 */
	struct rusage usage; /* the resources it used; set by child_end */
};

/* Starts a program. Returns 0 when the program runs, or -1 with the reason,
 * which names the directory, the descriptor or the program that failed.
 * SIGCHLD, SIGPIPE and SIGXFSZ have their default actions in the child unless
 * plan->transparent. Unless plan->survives, the kernel kills the child when the
 * thread that started it ends (PR_SET_PDEATHSIG is per thread), so that thread
 * must live until child_end. SIGCHLD gets its default action in this process,
 * because a process that ignores SIGCHLD cannot wait for its children. */
int child_start(
    struct child *child, const struct child_plan *plan, struct reason *why);

/* Sends a signal to the child's process group, or to the child alone when it
 * has no group of its own; does nothing after child_end. Returns 0, or -1 with
 * errno. */
int child_signal(const struct child *child, int number);

/* Waits until the child has exited, at most until the time `due` (clock_now;
 * UINT64_MAX: for ever). Returns whether the child has exited. It is not
 * reaped, so its process ID and group ID cannot be reused before child_end. */
bool child_await(const struct child *child, uint64_t due);

/* Kills the child, if it still runs, and the rest of its process group; reaps
 * the child; closes pidfd and ends. Returns the status of waitpid(2), or -1
 * when the child was not started or this process may not kill it. */
int child_end(struct child *child);

#endif
