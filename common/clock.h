#ifndef CLOCK_H
#define CLOCK_H

#include <poll.h>
#include <stdint.h>

/* Times are nanoseconds of CLOCK_MONOTONIC. */
uint64_t clock_now(void);

/* poll(2) until the time `due`, which may be in the past (look once) or
 * UINT64_MAX (never); unlike poll(2), of any length. Returns as poll(2) does: 0
 * only when that time has come, -1 with errno, EINTR too. */
int clock_poll(struct pollfd *fds, nfds_t count, uint64_t due);

/* Sleeps for so many nanoseconds; a signal may end it early. */
void clock_sleep(uint64_t nanoseconds);

#endif
