#include "loop.h"

#include "../fatal.h"
#include "../memory.h"
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>

/* When no more has come for so long (nanoseconds), the text is what it is. */
enum { SETTLE = 500000000 };

/* A pipe is opened again, so that it can be made not to block for us alone and
 * a reader that is stuck does not stop the clock. */
static int
open_output(void)
{
	struct stat st;

	if (fstat(STDOUT_FILENO, &st) < 0 || !S_ISFIFO(st.st_mode))
		return STDOUT_FILENO;
	int fd = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? STDOUT_FILENO : fd;
}

/* There are bytes that stdout does not take. */
static bool
is_stuck(const struct loop *l)
{
	return l->written < l->filled;
}

static uint64_t
earliest(const struct loop *l)
{
	uint64_t when = l->total > 0 ? l->total : UINT64_MAX;

	if (is_stuck(l))
		return when;
	if (l->silence > 0)
		when = MIN(when, l->last + l->silence);
	if (l->matcher->undecided)
		when = MIN(when, l->last + SETTLE);
	return MIN(when, l->findings->deadline);
}

/* Waits for what can be done next. */
static void
wait_ready(const struct loop *l, struct pollfd fds[2])
{
	bool stuck = is_stuck(l);
	uint64_t when = earliest(l);
	uint64_t due = when == UINT64_MAX ? when : l->start + when;

	fds[0] = (struct pollfd){stuck ? -1 : STDIN_FILENO, POLLIN, 0};
	fds[1] = (struct pollfd){l->out, stuck ? POLLOUT : 0, 0};
	if (clock_poll(fds, 2, due) < 0 && errno != EINTR)
		fatal_errno("poll");
}

/* Writes what it can. Returns LOOP_GOES_ON, or that the reader went away. */
static enum loop_end
write_some(struct loop *l)
{
	while (is_stuck(l)) {
		ssize_t n = write(
		    l->out, l->buffer + l->written, l->filled - l->written);

		if (n >= 0)
			l->written += (size_t)n;
		else if (errno == EPIPE)
			return LOOP_READER;
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR)
			fatal_errno("<stdout>");
	}
	return LOOP_GOES_ON;
}

/* Takes what there is to read, passes it on, and then looks at it. Returns as
 * write_some does. */
static enum loop_end
read_some(struct loop *l)
{
	ssize_t n = read(STDIN_FILENO, l->buffer, MATCHER_FEED);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return LOOP_GOES_ON;
	if (n < 0)
		fatal_errno("<stdin>");
	l->written = 0;
	l->filled = (size_t)n;
	l->bytes += (size_t)n;
	l->ended = n == 0;
	enum loop_end end = write_some(l);
	uint64_t t = l->elapsed = clock_now() - l->start;
	if (l->ended) {
		matcher_end(l->matcher);
	} else {
		l->last = t;
		matcher_feed(l->matcher, l->buffer, l->filled);
	}
	findings_update(l->findings, t, l->ended);
	return end;
}

/* Whether the time has come for something. */
static enum loop_end
judge(struct loop *l, bool was_stuck)
{
	uint64_t t = l->elapsed = clock_now() - l->start;
	bool late = l->total > 0 && t >= l->total;
	bool silent = l->silence > 0 && t - l->last >= l->silence;

	if (l->matcher->undecided &&
	    (late || silent || t - l->last >= SETTLE)) {
		matcher_settle(l->matcher);
		findings_update(l->findings, t, false);
	}
	if (!is_stuck(l) && findings_are_final(l->findings, t))
		return LOOP_VERDICT;
	if (late)
		return LOOP_TIMEOUT;
	/* That nothing is read is no silence. */
	if (is_stuck(l) || was_stuck) {
		l->last = t;
		return LOOP_GOES_ON;
	}
	return silent ? LOOP_SILENCE : LOOP_GOES_ON;
}

/* What must be done now. */
static enum loop_end
step(struct loop *l)
{
	struct pollfd fds[2];
	enum loop_end end = LOOP_GOES_ON;

	wait_ready(l, fds);
	if (fds[1].revents & POLLOUT)
		end = write_some(l);
	else if (fds[1].revents != 0)
		end = LOOP_READER;
	else if (fds[0].revents != 0)
		end = read_some(l);
	if (end == LOOP_GOES_ON && l->ended)
		end = LOOP_EOF;
	return end != LOOP_GOES_ON ? end : judge(l, fds[1].revents != 0);
}

enum loop_end
loop_run(struct loop *loop)
{
	enum loop_end end;

	/* Not a part of the struct, whose initialization would touch it all. */
	loop->buffer = memory_got(malloc(MATCHER_FEED));
	loop->out = open_output();
	loop->start = clock_now();
	do
		end = step(loop);
	while (end == LOOP_GOES_ON);
	if (loop->out != STDOUT_FILENO)
		close(loop->out);
	free(loop->buffer);
	return end;
}
