#include "loop.h"

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

/* Waits for what can be done next. Returns 0, or -1 with the reason. */
static int
wait_ready(const struct loop *l, struct pollfd fds[2], struct reason *why)
{
	bool stuck = is_stuck(l);
	uint64_t when = earliest(l);
	uint64_t due = when == UINT64_MAX ? when : l->start + when;

	fds[0] = (struct pollfd){stuck ? -1 : STDIN_FILENO, POLLIN, 0};
	fds[1] = (struct pollfd){l->out, stuck ? POLLOUT : 0, 0};
	if (clock_poll(fds, 2, due) < 0 && errno != EINTR)
		return reason_errno(why, "poll");
	return 0;
}

/* Writes what it can. Returns 0, 1 when the reader went away, or -1 with the
 * reason. */
static int
write_some(struct loop *l, struct reason *why)
{
	while (is_stuck(l)) {
		ssize_t n = write(
		    l->out, l->buffer + l->written, l->filled - l->written);

		if (n >= 0)
			l->written += (size_t)n;
		else if (errno == EPIPE)
			return 1;
		else if (errno == EAGAIN)
			return 0;
		else if (errno != EINTR)
			return reason_errno(why, "<stdout>");
	}
	return 0;
}

/* Takes what there is to read, passes it on, and then looks at it. Returns 0, 1
 * when the reader went away, or -1 with the reason. */
static int
read_some(struct loop *l, struct reason *why)
{
	ssize_t n = read(STDIN_FILENO, l->buffer, MATCHER_FEED);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0)
		return reason_errno(why, "<stdin>");
	l->written = 0;
	l->filled = (size_t)n;
	l->bytes += (size_t)n;
	l->ended = n == 0;
	int gone = write_some(l, why);
	if (gone < 0)
		return -1;
	uint64_t t = clock_now() - l->start;
	if (!l->ended)
		l->last = t;
	if ((l->ended ? matcher_end(l->matcher, why)
		      : matcher_feed(l->matcher, l->buffer, l->filled, why)) <
		0 ||
	    findings_update(l->findings, t, l->ended, why) < 0)
		return -1;
	return gone;
}

/* Whether the time has come for something. Returns as step does. */
static int
judge(struct loop *l, bool was_stuck, struct reason *why)
{
	uint64_t t = clock_now() - l->start;
	bool late = l->total > 0 && t >= l->total;
	bool silent = l->silence > 0 && t - l->last >= l->silence;

	if (l->matcher->undecided &&
	    (late || silent || t - l->last >= SETTLE)) {
		if (matcher_settle(l->matcher, why) < 0 ||
		    findings_update(l->findings, t, false, why) < 0)
			return -1;
	}
	if (!is_stuck(l) && findings_are_final(l->findings, t))
		return LOOP_VERDICT + 1;
	if (late)
		return LOOP_TIMEOUT + 1;
	/* That nothing is read is no silence. */
	if (is_stuck(l) || was_stuck) {
		l->last = t;
		return 0;
	}
	return silent ? LOOP_SILENCE + 1 : 0;
}

/* What must be done now. Returns -1 with the reason, 0 to go on, or one more
 * than the reason to end. */
static int
step(struct loop *l, struct reason *why)
{
	struct pollfd fds[2];
	int r = 0;

	if (wait_ready(l, fds, why) < 0)
		return -1;
	if (fds[1].revents & POLLOUT)
		r = write_some(l, why);
	else if (fds[1].revents != 0)
		r = 1;
	else if (fds[0].revents != 0)
		r = read_some(l, why);
	if (r != 0)
		return r < 0 ? -1 : LOOP_READER + 1;
	if (l->ended)
		return LOOP_EOF + 1;
	return judge(l, fds[1].revents != 0, why);
}

int
loop_run(struct loop *loop, struct reason *why)
{
	int end;

	/* Not a part of the struct, whose initialization would touch it all. */
	loop->buffer = malloc(MATCHER_FEED);
	if (loop->buffer == NULL)
		return reason_set(why, "out of memory");
	loop->out = open_output();
	loop->start = clock_now();
	do
		end = step(loop, why);
	while (end == 0);
	loop->elapsed = clock_now() - loop->start;
	if (loop->out != STDOUT_FILENO)
		close(loop->out);
	free(loop->buffer);
	return end < 0 ? -1 : end - 1;
}
