#include "exchange.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 65536 };

/* One stream of the child's. */
struct stream {
	int *end;
	char **bytes;
	size_t *size;
};

/* Closes an end of ours, so that the child sees it. */
static void
hang_up(int *end)
{
	close(*end);
	*end = -1;
}

/* Writes what the pipe takes. A write of PIPE_BUF bytes or less never waits
 * when poll says POLLOUT. */
static void
write_some(struct exchange *exchange, size_t *sent, int *end)
{
	size_t n = exchange->input_size - *sent;
	ssize_t r = n == 0 ? 0
			   : write(*end, exchange->input + *sent,
				 n < PIPE_BUF ? n : PIPE_BUF);

	if (r > 0)
		*sent += (size_t)r;
	if (*sent == exchange->input_size ||
	    (r < 0 && errno != EINTR && errno != EAGAIN))
		hang_up(end);
}

/* Reads once. Returns 1, 0 at the end of the stream, or -1 with errno. */
static int
read_some(const struct stream *stream, size_t most)
{
	size_t have = *stream->size, room = most - have;
	char *more = realloc(*stream->bytes, have + STEP + 1);

	if (more == NULL)
		return -1;
	*stream->bytes = more;
	ssize_t n = read(*stream->end, more + have, room < STEP ? room : STEP);
	if (n < 0)
		return errno == EINTR ? 1 : -1;
	*stream->size += (size_t)n;
	more[*stream->size] = '\0';
	if (n == 0)
		hang_up(stream->end);
	return n > 0;
}

static bool
is_full(const struct exchange *exchange)
{
	return exchange->out_size >= exchange->most ||
	       exchange->err_size >= exchange->most;
}

/* Reads what poll has found. Returns 0, or -1 with errno. */
static int
take(struct exchange *exchange, const struct stream streams[2],
    const struct pollfd fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i].revents != 0 && !is_full(exchange) &&
		    read_some(&streams[i], exchange->most) < 0)
			return -1;
	}
	return 0;
}

static enum exchange_end
follow(struct exchange *exchange, struct child *child)
{
	const struct stream streams[2] = {
	    {&child->ends[1], &exchange->out, &exchange->out_size},
	    {&child->ends[2], &exchange->err, &exchange->err_size}};
	uint64_t due = clock_now() + exchange->first;
	size_t sent = 0;

	while (!is_full(exchange)) {
		/* poll looks at pidfd first: what the child wrote before it
		 * exited is seen in the same turn. */
		struct pollfd fds[4] = {
		    {.fd = child->pidfd, .events = POLLIN},
		    {.fd = child->ends[1], .events = POLLIN},
		    {.fd = child->ends[2], .events = POLLIN},
		    {.fd = child->ends[0], .events = POLLOUT},
		};
		bool silent = exchange->out_size == 0;
		int n = clock_poll(fds, 4, due);

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
		if (take(exchange, streams, &fds[1]) < 0)
			return EXCHANGE_FAILED;
		if (fds[3].revents != 0)
			write_some(exchange, &sent, &child->ends[0]);
		if (silent && exchange->out_size > 0)
			due = clock_now() + exchange->rest;
	}
	return EXCHANGE_FULL;
}

/* Writing to a child that has exited is no reason to die. */
static void
block_sigpipe(sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, old);
}

static void
restore_sigpipe(const sigset_t *old)
{
	const struct timespec now = {0, 0};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	if (!sigismember(old, SIGPIPE)) {
		while (sigtimedwait(&set, NULL, &now) < 0 && errno == EINTR)
			continue;
	}
	pthread_sigmask(SIG_SETMASK, old, NULL);
}

enum exchange_end
exchange_run(struct exchange *exchange, struct child *child)
{
	enum exchange_end end = EXCHANGE_FAILED;
	sigset_t old;

	exchange->out_size = exchange->err_size = 0;
	exchange->out = calloc(1, 1);
	exchange->err = calloc(1, 1);
	block_sigpipe(&old);
	if (exchange->out != NULL && exchange->err != NULL)
		end = follow(exchange, child);
	int error = errno;
	restore_sigpipe(&old);
	errno = error;
	return end;
}
