#include "loop.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

/* When no more has come for so long (nanoseconds), the text is what it is. */
enum { SETTLE = 500000000 };

struct copy {
	struct loop *loop;
	int out;
	uint64_t start;
	uint64_t last;  /* byte, since the start */
	size_t written; /* of the buffer */
	size_t filled;
	bool ended; /* the input */
	char buffer[MATCHER_FEED];
};

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
is_stuck(const struct copy *c)
{
	return c->written < c->filled;
}

static uint64_t
earliest(const struct copy *c)
{
	const struct loop *l = c->loop;
	uint64_t when = UINT64_MAX;

	if (l->total > 0)
		when = l->total;
	if (is_stuck(c))
		return when;
	if (l->silence > 0 && c->last + l->silence < when)
		when = c->last + l->silence;
	if (l->matcher->undecided && c->last + SETTLE < when)
		when = c->last + SETTLE;
	return l->verdict->deadline < when ? l->verdict->deadline : when;
}

/* Waits for what can be done next. Returns 0, or -1 with the reason. */
static int
wait_ready(const struct copy *c, struct pollfd fds[2], struct reason *why)
{
	bool stuck = is_stuck(c);
	uint64_t when = earliest(c);
	uint64_t due = when == UINT64_MAX ? when : c->start + when;

	fds[0] = (struct pollfd){stuck ? -1 : STDIN_FILENO, POLLIN, 0};
	fds[1] = (struct pollfd){c->out, stuck ? POLLOUT : 0, 0};
	if (clock_poll(fds, 2, due) < 0 && errno != EINTR)
		return reason_errno(why, "poll");
	return 0;
}

/* Writes what it can. Returns 0, 1 when the reader went away, or -1 with the
 * reason. */
static int
write_some(struct copy *c, struct reason *why)
{
	while (c->written < c->filled) {
		ssize_t n = write(
		    c->out, c->buffer + c->written, c->filled - c->written);

		if (n >= 0) {
			c->written += (size_t)n;
		} else if (errno == EPIPE) {
			return 1;
		} else if (errno == EAGAIN) {
			return 0;
		} else if (errno != EINTR) {
			return reason_errno(why, "<stdout>");
		}
	}
	return 0;
}

/* Takes what there is to read, passes it on, and then looks at it. Returns 0, 1
 * when the reader went away, or -1 with the reason. */
static int
read_some(struct copy *c, struct reason *why)
{
	struct loop *l = c->loop;
	ssize_t n = read(STDIN_FILENO, c->buffer, sizeof(c->buffer));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return reason_errno(why, "<stdin>");
	c->written = 0;
	c->filled = (size_t)n;
	l->bytes += (size_t)n;
	int gone = write_some(c, why);
	if (gone < 0)
		return -1;
	uint64_t t = clock_now() - c->start;
	int r;
	if (n > 0) {
		c->last = t;
		r = matcher_feed(l->matcher, c->buffer, (size_t)n, why);
	} else {
		c->ended = true;
		r = matcher_end(l->matcher, why);
	}
	if (r == 0)
		r = verdict_update(l->verdict, t, c->ended, why);
	return r < 0 ? -1 : gone;
}

/* Whether the time has come for something. Returns as step does. */
static int
judge(struct copy *c, bool was_stuck, struct reason *why)
{
	struct loop *l = c->loop;
	uint64_t t = clock_now() - c->start;
	bool late = l->total > 0 && t >= l->total;
	bool silent = l->silence > 0 && t - c->last >= l->silence;

	if (l->matcher->undecided &&
	    (late || silent || t - c->last >= SETTLE)) {
		if (matcher_settle(l->matcher, why) < 0 ||
		    verdict_update(l->verdict, t, false, why) < 0)
			return -1;
	}
	if (!is_stuck(c) && verdict_is_final(l->verdict, t))
		return LOOP_VERDICT + 1;
	if (late)
		return LOOP_TIMEOUT + 1;
	/* That nothing is read is no silence. */
	if (is_stuck(c) || was_stuck) {
		c->last = t;
		return 0;
	}
	return silent ? LOOP_SILENCE + 1 : 0;
}

/* What must be done now. Returns -1 with the reason, 0 to go on, or one more
 * than the reason to end. */
static int
step(struct copy *c, struct reason *why)
{
	struct pollfd fds[2];

	if (wait_ready(c, fds, why) < 0)
		return -1;
	int r = 0;
	if (fds[1].revents & POLLOUT)
		r = write_some(c, why);
	else if (fds[1].revents != 0)
		r = 1;
	else if (fds[0].revents != 0)
		r = read_some(c, why);
	if (r != 0)
		return r < 0 ? -1 : LOOP_READER + 1;
	if (c->ended)
		return LOOP_EOF + 1;
	return judge(c, fds[1].revents != 0, why);
}

int
loop_run(struct loop *loop, struct reason *why)
{
	struct copy c;
	int end;

	c.loop = loop;
	c.out = open_output();
	c.start = clock_now();
	c.last = 0;
	c.written = c.filled = 0;
	c.ended = false;
	do
		end = step(&c, why);
	while (end == 0);
	loop->elapsed = clock_now() - c.start;
	if (c.out != STDOUT_FILENO)
		close(c.out);
	return end < 0 ? -1 : end - 1;
}
