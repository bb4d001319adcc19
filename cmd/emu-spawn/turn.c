#include "turn.h"

#include "ending.h"
#include "intake.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* States x events; what is empty does nothing.
 *
 *                RUNNING            STOPPING           DRAINING
 * line, stderr   give to sinks      give, else keep    give; dry when empty
 * QMP            decide
 * input          feed               drop               drop
 * reader gone    decide, stop       forget him         forget him
 * log failed     decide, stop       decide             decide
 * limit passed   decide, stop
 * signal to us   decide, stop       escalate           give up
 * tell_next      stop               escalate
 * -X failed      decide, stop
 * child's end    drain              drain
 * all given                                            DONE
 * give_up                                              DONE
 *
 * "Decide" is for the first only: see verdict.h. */

/* What is polled; the clients follow. */
enum slot {
	QMP,
	OUT,
	TTY,
	ERR,
	STDOUT,
	STDERR,
	LOG,
	FEED,
	INPUT,
	TALK_TO,
	TALK_FROM,
	LISTENER,
	SIGNALS,
	CLIENTS,
	SLOTS = CLIENTS + CLIENTS_MOST
};

static const short gone = POLLERR | POLLHUP | POLLNVAL;

static short
wants(const struct line *line, const struct sink *sink)
{
	return sink->at < line->total ? POLLOUT : 0;
}

/* A descriptor of -1 is not polled. */
static struct pollfd
when(bool wanted, int fd, short events)
{
	return (struct pollfd){.fd = wanted ? fd : -1, .events = events};
}

static void
arm_line(const struct machine *m, struct pollfd fds[SLOTS])
{
	bool rested = m->rest_until == 0;
	bool out = rested && intake_may_take(m, &m->line);
	bool err = rested && intake_may_take(m, &m->errors);

	fds[OUT] = when(out, m->sources[FROM_STDOUT], POLLIN);
	fds[TTY] = when(out, m->sources[FROM_PTY], POLLIN);
	fds[ERR] = when(err, m->sources[FROM_STDERR], POLLIN);
	fds[STDOUT] = when(true, m->out.stream.fd, wants(&m->line, &m->out));
	fds[STDERR] =
	    when(true, m->messages.stream.fd, wants(&m->errors, &m->messages));
	fds[LOG] = when(true, m->log.stream.fd, wants(&m->line, &m->log));
}

/* Input is read when there is room for all that one read may bring. */
static bool
may_feed(const struct machine *m)
{
	return feed_room(&m->feed) > FEED_LEAST;
}

static void
arm_input(const struct machine *m, struct pollfd fds[SLOTS])
{
	bool open = may_feed(m);

	fds[FEED] = when(m->feed.len > 0, m->child.in, POLLOUT);
	fds[INPUT] =
	    when(open && console_may_read(&m->console), m->input.fd, POLLIN);
	fds[TALK_TO] =
	    when(true, m->talk.to.stream.fd, wants(&m->line, &m->talk.to));
	fds[TALK_FROM] = when(open, m->talk.from, POLLIN);
	fds[LISTENER] =
	    when(m->clients.count < CLIENTS_MOST, m->clients.listener, POLLIN);
	for (size_t i = 0; i < CLIENTS_MOST; i++) {
		const struct client *c = &m->clients.list[i];
		bool listen = open && !c->done;
		short events = listen ? POLLIN : 0;

		if (!c->deaf)
			events = (short)(events | wants(&m->line, &c->sink));
		/* One that hung up would be reported again and again. */
		fds[CLIENTS + i] =
		    when(i < m->clients.count && (listen || !c->deaf),
			c->sink.stream.fd, events);
	}
}

static void
arm(const struct machine *m, struct pollfd fds[SLOTS])
{
	arm_line(m, fds);
	arm_input(m, fds);
	fds[QMP] = when(true, m->child.qmp, POLLIN);
	fds[SIGNALS] = when(true, m->signals, POLLIN);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Whether a source of the dead may have bytes that there is room for. */
static bool
remains(const struct machine *m)
{
	bool line = m->sources[FROM_STDOUT] >= 0 || m->sources[FROM_PTY] >= 0;

	return m->state == DRAINING && m->ended &&
	       ((line && intake_may_take(m, &m->line)) ||
		   (m->sources[FROM_STDERR] >= 0 &&
		       intake_may_take(m, &m->errors)));
}

static uint64_t
next_due(const struct machine *m)
{
	uint64_t due = earlier(m->tell_next, m->give_up);

	if (remains(m))
		return 0;
	if (m->state == RUNNING) {
		due = earlier(due, limit_due(&m->total));
		due = earlier(due, limit_due(&m->silence));
		if (m->first_byte == UINT64_MAX)
			due = earlier(due, limit_due(&m->first));
	}
	return m->rest_until > 0 ? earlier(due, m->rest_until) : due;
}

/* Waits until `due` at most. Returns whether anything happened. */
static bool
wait_for(struct pollfd fds[SLOTS], uint64_t due)
{
	return clock_poll(fds, SLOTS, due) > 0;
}

static void
limit_over(struct machine *m, struct limit *limit, const char *name,
    enum cause cause, const char *what, uint64_t now)
{
	if (m->state != RUNNING || now < limit_due(limit) ||
	    !limit_passed(limit, now, limit_run_delay(m->child.pid)))
		return;
	if (verdict_decide(&m->verdict, cause,
		cause == CAUSE_TIMEOUT ? 124 : 122, "%s %.10g s", what,
		(double)limit->length / 1e9))
		m->verdict.limit = name;
	ending_begin(m, now);
}

static void
look_at_clock(struct machine *m, uint64_t now)
{
	limit_over(
	    m, &m->total, "total", CAUSE_TIMEOUT, "still running after", now);
	if (m->first_byte == UINT64_MAX)
		limit_over(m, &m->first, "first", CAUSE_SILENCE,
		    "no output in the first", now);
	/* While a reader without log is behind, the guest may wait for him. */
	if (line_room(&m->line) == m->line.size)
		limit_over(m, &m->silence, "silence", CAUSE_SILENCE,
		    "no output for", now);
	else
		limit_start(&m->silence, now, m->delay);
	if (now >= m->tell_next)
		ending_escalate(m, now);
}

static void
suspend(struct machine *m)
{
	console_leave(&m->console);
	raise(SIGSTOP);
	console_enter(&m->console);
}

static void
take_signal(struct machine *m, int number, uint64_t now)
{
	switch (number) {
	case SIGCHLD:
		break;
	case SIGTSTP:
		suspend(m);
		break;
	case SIGCONT:
		console_enter(&m->console);
		break;
	case SIGWINCH:
		console_resize(&m->console, m->child.slave);
		break;
	default:
		m->interrupted = number;
		verdict_decide(&m->verdict, CAUSE_SIGNAL, 128 + number,
		    "stopped by signal %d (%s)", number, strsignal(number));
		ending_escalate(m, now);
		if (m->state == DRAINING)
			m->give_up = now;
	}
}

static void
take_signals(struct machine *m, uint64_t now)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		take_signal(m, (int)info.ssi_signo, now);
	ending_reap(m, now);
}

static void
take_clients(struct machine *m, const struct pollfd fds[SLOTS])
{
	for (size_t i = 0; i < m->clients.count; i++) {
		struct client *c = &m->clients.list[i];
		const struct pollfd *p = &fds[CLIENTS + i];

		/* It came, or moved here, since. */
		if (p->fd != c->sink.stream.fd)
			continue;
		if (p->revents & gone)
			c->deaf = true;
		if (p->revents != 0 && !c->done && may_feed(m))
			clients_take(c, &m->feed);
	}
	clients_sweep(&m->clients);
	if (fds[LISTENER].revents & POLLIN)
		clients_accept(&m->clients, &m->line);
}

static void
take_ends(struct machine *m, const struct pollfd fds[SLOTS], uint64_t now)
{
	if (m->out.stream.fd >= 0 && fds[STDOUT].revents & gone)
		intake_reader_gone(m, EPIPE, now);
	if (m->messages.stream.fd >= 0 && fds[STDERR].revents & gone) {
		stream_close(&m->messages.stream);
		line_release(&m->errors, &m->messages);
	}
	if (m->talk.to.stream.fd >= 0 && fds[TALK_TO].revents & gone) {
		stream_close(&m->talk.to.stream);
		line_release(&m->line, &m->talk.to);
	}
}

void
turn(struct machine *m)
{
	struct pollfd fds[SLOTS];

	arm(m, fds);
	bool any = wait_for(fds, next_due(m));
	uint64_t now = clock_now();
	if (now >= m->rest_until)
		m->rest_until = 0;
	if (any && fds[QMP].revents != 0)
		intake_qmp(m, now);
	if (m->rest_until == 0)
		intake_output(m, now);
	if (any) {
		intake_give(m, now);
		take_ends(m, fds, now);
		take_clients(m, fds);
		if (fds[INPUT].revents != 0 && may_feed(m))
			intake_input(m, now);
		if (fds[TALK_FROM].revents != 0 && may_feed(m))
			intake_said(m, now);
		if (fds[SIGNALS].revents != 0)
			take_signals(m, now);
	}
	intake_feed(m, now);
	look_at_clock(m, now);
	ending_look(m, now);
}
