#include "intake.h"

#include "ending.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum {
	READS = 16, /* in a row from one source, before others have a turn */
	TYPED = 512,
};

/* While bytes trickle, the sources are left alone for so long, so that there is
 * more than one to read: QEMU writes the 16550 a byte at a time. A pty holds a
 * few KiB only, and who fills it waits. */
static const uint64_t rest_pipe_ns = 1000000;
static const uint64_t rest_pty_ns = 200000;

/* How old limit_run_delay may be. */
static const uint64_t delay_age_ns = 100000000;

static void
forget(struct line *line, struct sink *sink)
{
	stream_close(&sink->stream);
	line_release(line, sink);
}

static void
failed(struct machine *m, const char *what, uint64_t now)
{
	verdict_decide(
	    &m->verdict, CAUSE_ERROR, 125, "%s: %s", what, strerror(errno));
	ending_begin(m, now);
}

/* A pty master ends with EIO. */
static void
source_failed(struct machine *m, const int *source, uint64_t now)
{
	if (source == &m->sources[FROM_PTY] && errno == EIO)
		return;
	failed(m, "the emulator's output", now);
}

void
intake_reader_gone(struct machine *m, int error, uint64_t now)
{
	bool gone = error == EPIPE || error == ECONNRESET || error == EIO;

	forget(&m->line, &m->out);
	if (m->state == DRAINING && gone)
		return;
	if (error == ENODATA)
		verdict_decide(&m->verdict, CAUSE_ERROR, 125,
		    "%s: truncated by somebody", m->options->log);
	else if (!gone)
		verdict_decide(&m->verdict, CAUSE_ERROR, 125, "<stdout>: %s",
		    strerror(error));
	else
		verdict_reader(&m->verdict, m->options->reader_may_leave,
		    "the reader of stdout went away");
	ending_begin(m, now);
}

void
intake_give(struct machine *m, uint64_t now)
{
	if (line_give(&m->line, &m->out) < 0)
		intake_reader_gone(m, errno, now);
	if (line_give(&m->line, &m->log) < 0) {
		failed(m, m->options->log, now);
		forget(&m->line, &m->log);
	}
	if (line_give(&m->line, &m->talk.to) < 0)
		forget(&m->line, &m->talk.to);
	if (line_give(&m->errors, &m->messages) < 0)
		forget(&m->errors, &m->messages);
	clients_give(&m->clients, &m->line);
}

static void
note_bytes(struct machine *m, uint64_t now)
{
	if (m->first_byte == UINT64_MAX)
		m->first_byte = now;
	m->last_byte = now;
	if (m->silence.length > 0 && now - m->delay_at > delay_age_ns) {
		m->delay = limit_run_delay(m->child.pid);
		m->delay_at = now;
	}
	limit_start(&m->silence, now, m->delay);
}

bool
intake_may_take(const struct machine *m, const struct line *line)
{
	return line_room(line) > 0 || line->dropped > 0 || m->state == STOPPING;
}

/* Reads from a source until it has no more or others shall have a turn.
 * Returns whether there was anything. */
static bool
take(struct machine *m, struct line *line, int *source, uint64_t now)
{
	enum line_result result = LINE_MORE;
	int i;

	for (i = 0; i < READS && *source >= 0 && intake_may_take(m, line);
	     i++) {
		result = line_room(line) > 0 ? line_fill(line, *source)
					     : line_drop(line, *source);
		if (result == LINE_LOG)
			failed(m, m->options->log, now);
		if (result != LINE_LOG && result != LINE_MORE)
			break;
		if (line == &m->line)
			note_bytes(m, now);
		intake_give(m, now);
	}
	if (result == LINE_ERROR)
		source_failed(m, source, now);
	/* Once everybody who could write is gone, nothing now is nothing ever.
	 */
	if (result == LINE_END || result == LINE_ERROR ||
	    (result == LINE_AGAIN && m->ended))
		*source = -1;
	return i > 0;
}

void
intake_output(struct machine *m, uint64_t now)
{
	bool any = take(m, &m->line, &m->sources[FROM_STDOUT], now);

	any |= take(m, &m->line, &m->sources[FROM_PTY], now);
	any |= take(m, &m->errors, &m->sources[FROM_STDERR], now);
	if (!any)
		return;
	uint64_t rest = m->options->tty_output ? rest_pty_ns : rest_pipe_ns;
	if (m->state == RUNNING && now - m->last_took < 2 * rest)
		m->rest_until = now + rest;
	m->last_took = now;
}

void
intake_discard(struct machine *m)
{
	for (int i = 0; i < SOURCES; i++) {
		struct line *line = i == FROM_STDERR ? &m->errors : &m->line;

		while (m->sources[i] >= 0 &&
		       line_drop(line, m->sources[i]) == LINE_MORE)
			;
	}
}

/* That the emulator has closed it changes nothing. When we cannot go on,
 * though, a panic could come out as a success. */
static void
lose_qmp(struct machine *m, uint64_t now)
{
	if (errno != EPIPE && errno != ECONNRESET)
		failed(m, "QMP", now);
	close(m->child.qmp);
	m->child.qmp = -1;
}

static void
command(struct machine *m, const char *text, uint64_t now)
{
	if (m->child.qmp >= 0 && qmp_send(m->child.qmp, text) < 0)
		lose_qmp(m, now);
}

static void
obey(struct machine *m, const struct qmp_message *message, uint64_t now)
{
	if (message->kind == QMP_GREETING) {
		m->greeted = true;
		command(m, "{\"execute\":\"qmp_capabilities\"}\r\n", now);
	}
	switch (verdict_message(&m->verdict, message)) {
	case VERDICT_ASK:
		command(m, "{\"execute\":\"query-status\"}\r\n", now);
		break;
	case VERDICT_WAIT:
		ending_expect(m, now);
		break;
	case VERDICT_STOP:
		ending_begin(m, now);
		break;
	case VERDICT_NOTHING:
		break;
	}
}

void
intake_qmp(struct machine *m, uint64_t now)
{
	struct qmp_message message;
	char buf[4096];
	ssize_t n;

	while (m->child.qmp >= 0) {
		n = read(m->child.qmp, buf, sizeof(buf));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == 0)
			errno = EPIPE;
		if (n <= 0 || qmp_take(&m->qmp, buf, (size_t)n) < 0) {
			lose_qmp(m, now);
			return;
		}
		while (qmp_next(&m->qmp, &message))
			obey(m, &message, now);
	}
}

static void
help(void)
{
	const char text[] = "\r\n~.   leave, and stop the machine\r\n"
			    "~^Z  suspend emu-spawn\r\n"
			    "~~   a tilde\r\n"
			    "~?   this\r\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		return;
}

static void
grant(struct machine *m, enum console_wish wish, uint64_t now)
{
	switch (wish) {
	case CONSOLE_LEAVE:
		verdict_reader(
		    &m->verdict, m->options->reader_may_leave, "left by ~.");
		ending_begin(m, now);
		break;
	case CONSOLE_HELP:
		help();
		break;
	case CONSOLE_SUSPEND:
		/* The whole pipeline; our own comes by signalfd. */
		kill(0, SIGTSTP);
		break;
	case CONSOLE_NOTHING:
		break;
	}
}

/* A typed escape may be followed by more. */
static ssize_t
take_typed(struct machine *m, char *at, uint64_t now)
{
	char typed[TYPED];
	ssize_t n = stream_read(&m->input, typed, sizeof(typed));
	enum console_wish wish;

	for (size_t i = 0, used; n > 0 && i < (size_t)n; i += used) {
		size_t len = console_filter(
		    &m->console, typed + i, (size_t)n - i, at, &used, &wish);

		feed_add(&m->feed, len);
		at += len;
		grant(m, wish, now);
	}
	return n;
}

/* Whether input that cannot be read is as good as none: a terminal or a
 * connection that was hung up, or a stdin that is none (nohup(1) makes it
 * unreadable). */
static bool
is_end(const struct machine *m, int error)
{
	return m->console.fd >= 0 || error == ECONNRESET ||
	       (error == EBADF && m->options->input == NULL);
}

/* The guest would wait for ever for what we cannot deliver. */
void
intake_feed(struct machine *m, uint64_t now)
{
	if (m->state != RUNNING)
		feed_forget(&m->feed);
	else if (feed_send(&m->feed, m->child.in) < 0 && errno != EPIPE)
		failed(m, "the emulator's input", now);
}

void
intake_said(struct machine *m, uint64_t now)
{
	if (talk_take(&m->talk, &m->feed) < 0)
		failed(m, "-X", now);
}

void
intake_input(struct machine *m, uint64_t now)
{
	const char *name = m->options->input;
	char *at;
	size_t space = feed_space(&m->feed, &at);
	ssize_t n;

	if (m->console.fd >= 0) {
		n = take_typed(m, at, now);
	} else {
		n = stream_read(&m->input, at, space);
		if (n > 0)
			feed_add(&m->feed, (size_t)n);
	}
	if (n < 0 && errno != EAGAIN && !is_end(m, errno))
		failed(m, name != NULL ? name : "<stdin>", now);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		stream_close(&m->input);
}
