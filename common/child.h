#ifndef CHILD_H
#define CHILD_H

#include "reason.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What a descriptor of a child can be beside one of ours. */
enum {
	CHILD_FDS = 8,
	CHILD_NULL = -1,   /* /dev/null */
	CHILD_READS = -2,  /* a pipe that it reads; we have the other end */
	CHILD_WRITES = -3, /* a pipe that it writes; we have the other end */
	CHILD_CLOSED = -4,
};

/* A program to be started, and with what. */
struct child_plan {
	/* Ended by NULL. A program named without a slash is looked up in PATH;
	 * a relative path is meant from our directory, not from `directory`. */
	const char *const *argv;
	const char *directory; /* where it runs; NULL: where we do */
	int fds[CHILD_FDS];    /* the first `count` become its 0, 1 ... */
	size_t count;          /* it has our other descriptors up to 2 */
	const sigset_t *mask;  /* of its blocked signals; NULL: none */
	pid_t group;           /* the process group it joins; 0: ours */
	bool session;          /* a session and a process group of its own */
	bool terminal;         /* with `session`: its stdin controls it */
	bool survives;         /* it does not die with us */
	bool transparent;      /* it ignores the signals that we ignore */
};

/* One that was started. {0} is one that was not. */
struct child {
	pid_t pid; /* 0: not started, or ended by child_end */
	int pidfd; /* readable when it has exited */
	/* Our ends of its pipes, blocking; -1: none. Whoever takes one out and
	 * leaves -1 closes it himself. */
	int ends[CHILD_FDS];
	bool leads;          /* its process group is its own */
	int error;           /* errno of an exec that failed; else 0 */
	struct rusage usage; /* what it used; known after child_end */
};

/* Starts a program. Returns 0 when it runs, or -1 with the reason, which names
 * what failed: the directory, a descriptor or the program. SIGCHLD, SIGPIPE and
 * SIGXFSZ are at their defaults in it unless it is transparent. Unless it
 * survives us, the kernel kills it when the thread that started it ends
 * (PR_SET_PDEATHSIG is per thread), so that thread has to live until child_end.
 * With SIGCHLD ignored, nobody can wait for a child: this process has it at its
 * default from here on. */
int child_start(
    struct child *child, const struct child_plan *plan, struct reason *why);

/* Sends a signal to its process group, or to it alone when the group is not its
 * own; does nothing when it was ended. Returns 0, or -1 with errno. */
int child_signal(const struct child *child, int number);

/* Waits until it has exited or the time `due` (clock_now's; UINT64_MAX: never)
 * has come. Returns whether it has exited. It is not reaped: its number and its
 * process group's stay its own until child_end. */
bool child_await(const struct child *child, uint64_t due);

/* Kills what lives of its process group, and itself unless it has exited; reaps
 * it; closes pidfd and ends. Returns its status as waitpid(2) has it, or -1
 * when it was not started, or lives on because it may not be killed. */
int child_end(struct child *child);

#endif
