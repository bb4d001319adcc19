#ifndef LIMIT_H
#define LIMIT_H

#include <stdint.h>
#include <sys/types.h>

/* How long the threads of a process have waited for a CPU in their lives,
 * together, in nanoseconds (Documentation/scheduler/sched-stats.rst: the second
 * field of schedstat); 0 where the kernel does not say. */
uint64_t limit_run_delay(pid_t pid);

/* A limit: so long after its start, and longer by what the emulator waited for
 * a CPU since then, at most by its length again. */
struct limit {
	uint64_t length; /* 0: none */
	uint64_t start;
	uint64_t delay; /* limit_run_delay at the start */
	uint64_t extra; /* the extension granted so far */
};

/* Starts it at `now`, the emulator having waited `delay`. */
void limit_start(struct limit *limit, uint64_t now, uint64_t delay);

/* When it has to be looked at; UINT64_MAX: never. */
uint64_t limit_due(const struct limit *limit);

/* It is due, and the emulator has waited `delay` in all: it may be due later.
 */
void limit_extend(struct limit *limit, uint64_t delay);

#endif
