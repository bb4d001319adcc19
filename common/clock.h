#ifndef CLOCK_H
#define CLOCK_H

#include <poll.h>
#include <stdint.h>

/* Returns the time of CLOCK_MONOTONIC in nanoseconds, which all times in emu
 * are. */
uint64_t clock_now(void);

/* Calls poll(2) with a time in place of a timeout: it waits until `due`,
 * however far away, which may be in the past (do not wait) or UINT64_MAX (wait
 * for ever). Returns as poll(2) does: 0 only when that time has come, and -1
 * with errno, which may be EINTR. */
int clock_poll(struct pollfd *fds, nfds_t count, uint64_t due);

/* Sleeps for so many nanoseconds; a signal may end it early. */
void clock_sleep(uint64_t nanoseconds);

#endif
