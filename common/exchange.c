#include "exchange.h"

#include "clock.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { STEP = 65536 };

/* Reads once from one of the child's streams. Returns 0, or -1 with errno. */
static int
read_some(int *end, char **bytes, size_t *size, size_t most)
{
	size_t room = most - *size;
	char *more = realloc(*bytes, *size + STEP + 1);

	if (more == NULL)
		return -1;
	*bytes = more;
	ssize_t n = read(*end, more + *size, room < STEP ? room : STEP);
	if (n < 0)
		return errno == EINTR ? 0 : -1;
	*size += (size_t)n;
	more[*size] = '\0';
	if (n == 0) {
		close(*end);
		*end = -1;
	}
	return 0;
}

static bool
is_full(const struct exchange *exchange)
{
	return exchange->out_size >= exchange->most ||
	       exchange->err_size >= exchange->most;
}

static enum exchange_end
follow(struct exchange *exchange, struct child *child)
{
	uint64_t due = clock_now() + exchange->first;

	while (!is_full(exchange)) {
		/* poll looks at pidfd first: what the child wrote before it
		 * exited is seen in the same turn. */
		struct pollfd fds[3] = {
		    {.fd = child->pidfd, .events = POLLIN},
		    {.fd = child->ends[1], .events = POLLIN},
		    {.fd = child->ends[2], .events = POLLIN},
		};
		bool silent = exchange->out_size == 0;
		int n = clock_poll(fds, 3, due);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0    ? EXCHANGE_FAILED
			       : silent ? EXCHANGE_SILENT
					: EXCHANGE_SLOW;
		/* Once it has exited, only what is in the pipes counts: another
		 * process may hold their other ends for ever. */
		if (fds[0].revents != 0 && fds[1].revents == 0 &&
		    fds[2].revents == 0)
			return EXCHANGE_DONE;
		if ((fds[1].revents != 0 &&
			read_some(&child->ends[1], &exchange->out,
			    &exchange->out_size, exchange->most) < 0) ||
		    (fds[2].revents != 0 &&
			read_some(&child->ends[2], &exchange->err,
			    &exchange->err_size, exchange->most) < 0))
			return EXCHANGE_FAILED;
		if (silent && exchange->out_size > 0)
			due = clock_now() + exchange->rest;
	}
	return EXCHANGE_FULL;
}

enum exchange_end
exchange_run(struct exchange *exchange, struct child *child)
{
	exchange->out_size = exchange->err_size = 0;
	exchange->out = calloc(1, 1);
	exchange->err = calloc(1, 1);
	return exchange->out == NULL || exchange->err == NULL
		   ? EXCHANGE_FAILED
		   : follow(exchange, child);
}
