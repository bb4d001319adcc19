#include "clock.h"

#include <time.h>

/* More than 68 years do not fit into an i386's struct timespec. */
static const uint64_t longest_wait = 86400ULL * 1000000000;

uint64_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct timespec
interval(uint64_t nanoseconds)
{
	if (nanoseconds > longest_wait)
		nanoseconds = longest_wait;
	return (struct timespec){(time_t)(nanoseconds / 1000000000),
	    (long)(nanoseconds % 1000000000)};
}

int
clock_poll(struct pollfd *fds, nfds_t count, uint64_t due)
{
	for (;;) {
		uint64_t now = clock_now();
		struct timespec wait = interval(due > now ? due - now : 0);
		int n = ppoll(fds, count, &wait, NULL);

		if (n != 0 || clock_now() >= due)
			return n;
	}
}

void
clock_sleep(uint64_t nanoseconds)
{
	struct timespec wait = interval(nanoseconds);

	nanosleep(&wait, NULL);
}
