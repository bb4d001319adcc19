#ifndef LIMIT_H
#define LIMIT_H

#include <stdint.h>
#include <sys/types.h>

/* Returns how long the threads of a process together have waited for a CPU in
 * their lives, in nanoseconds: the second field of schedstat
 * (Documentation/scheduler/sched-stats.rst). Returns 0 where the kernel does
 * not tell. */
uint64_t limit_run_delay(pid_t pid);

/* A limit passes `length` after its start. It is extended by the time that the
 * emulator has waited for a CPU since then, at most by its length. Times are
 * nanoseconds, the start is clock_now's. */
struct limit {
	uint64_t length; /* 0: none */
	uint64_t start;
	uint64_t delay; /* limit_run_delay at the start */
	uint64_t extra; /* the extension granted so far */
};

/* Starts the limit at the time `now`. delay is the emulator's limit_run_delay
 * at that time. */
void limit_start(struct limit *limit, uint64_t now, uint64_t delay);

/* Returns when the limit passes; UINT64_MAX: never. */
uint64_t limit_due(const struct limit *limit);

/* Extends a limit that is due, if the emulator's limit_run_delay, now `delay`,
 * has grown. */
void limit_extend(struct limit *limit, uint64_t delay);

#endif
