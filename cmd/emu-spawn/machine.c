#include "machine.h"

#include "ending.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* States x events. What is empty does nothing.
 *
 *                RUNNING            STOPPING           DRAINING
 * line, stderr   give to sinks      give, else keep    give; dry when empty
 * QMP            decide             ignore
 * input          feed               ignore             ignore
 * reader gone    decide, stop       forget him         forget him
 * log failed     decide, stop       note               note
 * limit passed   decide, stop
 * signal to us   decide, stop       escalate           give up
 * tell_next      stop               escalate
 * child's end    drain              drain
 * all given                                            DONE
 * give_up                                              DONE
 *
 * "Decide" is only for the first; see verdict.h. */

enum {
	RING_BYTES = 65536,
	READS = 16, /* in a row from one source, before others have a turn */
	ERRORS_SHOWN = 2048,
};

/* While bytes trickle, the sources are left alone for so long, so that there is
 * more than one to read: QEMU writes the 16550 a byte at a time. */
static const uint64_t rest_ns = 1000000;
static const uint64_t delay_age_ns = 100000000;

/* What is polled. */
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
	SIGNALS,
	SLOTS
};

void
machine_init(struct machine *m, const struct options *options)
{
	*m = (struct machine){
	    .options = options,
	    .child = {.master = -1,
		.slave = -1,
		.in = -1,
		.out = -1,
		.err = -1,
		.qmp = -1},
	    .line = {.log = -1},
	    .errors = {.log = -1},
	    .out.stream.fd = -1,
	    .messages.stream.fd = -1,
	    .log.stream.fd = -1,
	    .input.fd = -1,
	    .signals = -1,
	    .tell_next = UINT64_MAX,
	    .give_up = UINT64_MAX,
	    .first_byte = UINT64_MAX,
	    .last_byte = UINT64_MAX,
	    .total.length = options->total,
	    .first.length = options->first,
	    .silence.length = options->silence,
	};
	sigprocmask(SIG_SETMASK, NULL, &m->old_mask);
	clock_gettime(CLOCK_REALTIME, &m->start);
	m->started_at = m->ended_at = clock_now();
}

/* SIGPIPE becomes EPIPE, SIGTTOU nothing; what the caller ignores (nohup, a
 * job in the background) we ignore too. */
static int
open_signals(struct machine *m, struct reason *why)
{
	static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action;
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (sigaction(ours[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&blocked, ours[i]);
	/* An ignored SIGCHLD would leave nothing to wait for. */
	action = (struct sigaction){.sa_handler = SIG_DFL};
	sigaction(SIGCHLD, &action, NULL);
	m->signals = signalfd(-1, &blocked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (m->signals < 0)
		return reason_errno(why, "signalfd");
	sigaddset(&blocked, SIGPIPE);
	sigaddset(&blocked, SIGTTOU);
	sigprocmask(SIG_BLOCK, &blocked, &m->old_mask);
	return 0;
}

static int
open_log(struct machine *m, const char *name, struct reason *why)
{
	struct stat st;
	int fd = open(name,
	    O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_NOCTTY | O_CLOEXEC, 0666);

	/* /dev/stderr may be for writing only. */
	if (fd < 0 && errno == EACCES)
		fd = open(name, O_WRONLY | O_APPEND | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return reason_errno(why, "%s", name);
	if (S_ISREG(st.st_mode)) {
		m->line.log = fd;
		return 0;
	}
	int result = stream_open(&m->log.stream, fd, O_WRONLY);
	close(fd);
	if (result < 0)
		return reason_errno(why, "%s", name);
	line_hold(&m->line, &m->log);
	return 0;
}

static int
open_input(struct machine *m, const char *name, struct reason *why)
{
	struct stat st;
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		return reason_errno(why, "%s", name);
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return reason_errno(why, "%s", name);
	}
	m->input = (struct stream){.fd = fd, .kind = STREAM_PLAIN};
	if (!S_ISFIFO(st.st_mode))
		return 0;
	/* With a writer of our own, it does not end when others leave. */
	int both = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (both >= 0) {
		close(fd);
		m->input.fd = both;
	}
	return 0;
}

int
machine_open(struct machine *m, bool words_from_stdin, struct reason *why)
{
	const struct options *options = m->options;

	if (line_open(&m->line, RING_BYTES) < 0 ||
	    line_open(&m->errors, RING_BYTES) < 0 || feed_open(&m->feed) < 0 ||
	    kin_open(&m->kin) < 0)
		return reason_errno(why, "memory");
	if (open_signals(m, why) < 0)
		return -1;
	if (stream_open(&m->out.stream, STDOUT_FILENO, O_WRONLY) < 0)
		return reason_errno(why, "<stdout>");
	line_hold(&m->line, &m->out);
	if (stream_open(&m->messages.stream, STDERR_FILENO, O_WRONLY) == 0)
		line_hold(&m->errors, &m->messages);
	if (options->log != NULL && open_log(m, options->log, why) < 0)
		return -1;
	if (options->input != NULL)
		return open_input(m, options->input, why);
	if (!words_from_stdin &&
	    stream_open(&m->input, STDIN_FILENO, O_RDONLY) < 0)
		return reason_errno(why, "<stdin>");
	return 0;
}

void
machine_close(struct machine *m)
{
	child_close(&m->child);
	line_close(&m->line);
	line_close(&m->errors);
	stream_close(&m->out.stream);
	stream_close(&m->messages.stream);
	stream_close(&m->log.stream);
	stream_close(&m->input);
	feed_close(&m->feed);
	qmp_free(&m->qmp);
	kin_close(&m->kin);
	verdict_free(&m->verdict);
	if (m->signals >= 0)
		close(m->signals);
	m->signals = -1;
}

static void
forget(struct line *line, struct sink *sink)
{
	stream_close(&sink->stream);
	line_release(line, sink);
}

static void
log_failed(struct machine *m, uint64_t now)
{
	verdict_decide(&m->verdict, CAUSE_ERROR, 125, "%s: %s", m->options->log,
	    strerror(errno));
	ending_begin(m, now);
}

/* stdout took no more because of errno. */
static void
reader_gone(struct machine *m, uint64_t now)
{
	bool gone = errno == EPIPE || errno == ECONNRESET || errno == EIO;

	forget(&m->line, &m->out);
	if (m->state == DRAINING && gone)
		return;
	if (errno == ENODATA)
		verdict_decide(&m->verdict, CAUSE_ERROR, 125,
		    "%s: truncated by somebody", m->options->log);
	else if (!gone)
		verdict_decide(&m->verdict, CAUSE_ERROR, 125, "<stdout>: %s",
		    strerror(errno));
	else if (m->options->reader_may_leave)
		verdict_decide(&m->verdict, CAUSE_READER, 0, "%s", "");
	else
		verdict_decide(&m->verdict, CAUSE_READER, 123, "%s",
		    "the reader of stdout went away");
	ending_begin(m, now);
}

static void
give(struct machine *m, uint64_t now)
{
	if (line_give(&m->line, &m->out) < 0)
		reader_gone(m, now);
	if (line_give(&m->line, &m->log) < 0) {
		log_failed(m, now);
		forget(&m->line, &m->log);
	}
	if (line_give(&m->errors, &m->messages) < 0)
		forget(&m->errors, &m->messages);
}

static void
note_bytes(struct machine *m, uint64_t now)
{
	if (m->first_byte == UINT64_MAX)
		m->first_byte = now;
	m->last_byte = now;
	if (m->silence.length > 0 && now - m->delay_at > delay_age_ns) {
		m->delay = clock_run_delay(m->child.pid);
		m->delay_at = now;
	}
	limit_start(&m->silence, now, m->delay);
}

/* Reads from a source until it has no more or others shall have a turn.
 * Returns whether there was anything. */
static bool
take(struct machine *m, struct line *line, int *source, uint64_t now)
{
	enum line_result result = LINE_MORE;
	int i;

	for (i = 0; i < READS && *source >= 0; i++) {
		if (line_room(line) > 0)
			result = line_fill(line, *source);
		else if (m->state == STOPPING)
			result = line_drop(line, *source);
		else
			break;
		if (result == LINE_LOG)
			log_failed(m, now);
		if (result == LINE_AGAIN || result == LINE_END)
			break;
		if (line == &m->line)
			note_bytes(m, now);
		give(m, now);
	}
	/* Once everybody who could write is gone, nothing now is nothing ever.
	 */
	if (result == LINE_END || (result == LINE_AGAIN && m->ended))
		*source = -1;
	return i > 0;
}

static void
obey(struct machine *m, const struct qmp_message *message, uint64_t now)
{
	const char hello[] = "{\"execute\":\"qmp_capabilities\"}\r\n";
	const char ask[] = "{\"execute\":\"query-status\"}\r\n";

	if (message->kind == QMP_GREETING) {
		m->greeted = true;
		send(m->child.qmp, hello, sizeof(hello) - 1, MSG_NOSIGNAL);
	}
	switch (verdict_message(&m->verdict, message)) {
	case VERDICT_ASK:
		send(m->child.qmp, ask, sizeof(ask) - 1, MSG_NOSIGNAL);
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

static void
take_qmp(struct machine *m, uint64_t now)
{
	struct qmp_message message;
	char buf[4096];
	ssize_t n;

	while (m->child.qmp >= 0) {
		n = read(m->child.qmp, buf, sizeof(buf));
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0 || qmp_take(&m->qmp, buf, (size_t)n) < 0) {
			close(m->child.qmp);
			m->child.qmp = -1;
			return;
		}
		while (qmp_next(&m->qmp, &message))
			obey(m, &message, now);
	}
}

static void
take_input(struct machine *m)
{
	char *at;
	size_t space = feed_space(&m->feed, &at);
	ssize_t n = space > 0 ? stream_read(&m->input, at, space) : -1;

	if (n > 0)
		feed_add(&m->feed, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && space > 0))
		stream_close(&m->input);
}

static void
take_signals(struct machine *m, uint64_t now)
{
	struct signalfd_siginfo info;

	while (read(m->signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		int number = (int)info.ssi_signo;

		if (number == SIGCHLD)
			continue;
		m->interrupted = number;
		verdict_decide(&m->verdict, CAUSE_SIGNAL, 128 + number, "%s",
		    strsignal(number));
		ending_escalate(m, now);
		if (m->state == DRAINING)
			m->give_up = now;
	}
	take_qmp(m, now);
	ending_reap(m, now);
}

/* Bytes that trickle are left to gather. */
static void
rest(struct machine *m, bool any, uint64_t now)
{
	if (any && m->state == RUNNING && now - m->last_took < 2 * rest_ns)
		m->rest_until = now + rest_ns;
	if (any)
		m->last_took = now;
}

static void
take_all(struct machine *m, uint64_t now)
{
	bool any = take(m, &m->line, &m->sources[0], now);

	any |= take(m, &m->line, &m->sources[1], now);
	any |= take(m, &m->errors, &m->sources[2], now);
	rest(m, any, now);
}

static void
limit_over(struct machine *m, struct limit *limit, const char *name,
    enum cause cause, const char *what, uint64_t now)
{
	if (m->state != RUNNING || now < limit_due(limit) ||
	    !limit_passed(limit, now, clock_run_delay(m->child.pid)))
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
	/* What stdout has not taken yet is no silence. */
	if (line_room(&m->line) == m->line.size)
		limit_over(m, &m->silence, "silence", CAUSE_SILENCE,
		    "no output for", now);
	else
		limit_start(&m->silence, now, m->delay);
	if (now >= m->tell_next)
		ending_escalate(m, now);
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
	bool line = m->sources[0] >= 0 || m->sources[1] >= 0;

	return m->state == DRAINING && m->ended &&
	       ((line && line_room(&m->line) > 0) ||
		   (m->sources[2] >= 0 && line_room(&m->errors) > 0));
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

/* All that the dead emulator left is delivered, or nobody takes it. */
static void
look_at_drains(struct machine *m, uint64_t now)
{
	uint64_t given = m->out.at + m->messages.at + m->log.at;

	if (m->state != DRAINING)
		return;
	if (given != m->given)
		m->give_up = now + m->options->grace;
	m->given = given;
	bool dry = m->sources[0] < 0 && m->sources[1] < 0 && m->sources[2] < 0;
	if (dry && line_given(&m->line, &m->out) &&
	    line_given(&m->line, &m->log) &&
	    line_given(&m->errors, &m->messages))
		m->state = DONE;
	if (now < m->give_up)
		return;
	/* Count what is left in the pipes. */
	while (m->sources[0] >= 0 &&
	       line_drop(&m->line, m->sources[0]) == LINE_MORE)
		;
	while (m->sources[1] >= 0 &&
	       line_drop(&m->line, m->sources[1]) == LINE_MORE)
		;
	m->state = DONE;
}

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
arm(const struct machine *m, struct pollfd fds[SLOTS])
{
	bool out = m->rest_until == 0 &&
		   (m->state == STOPPING || line_room(&m->line) > 0);
	bool err = m->rest_until == 0 &&
		   (m->state == STOPPING || line_room(&m->errors) > 0);
	bool running = m->state == RUNNING;

	fds[QMP] = when(true, m->child.qmp, POLLIN);
	fds[OUT] = when(out, m->sources[0], POLLIN);
	fds[TTY] = when(out, m->sources[1], POLLIN);
	fds[ERR] = when(err, m->sources[2], POLLIN);
	fds[STDOUT] = when(true, m->out.stream.fd, wants(&m->line, &m->out));
	fds[STDERR] =
	    when(true, m->messages.stream.fd, wants(&m->errors, &m->messages));
	fds[LOG] = when(true, m->log.stream.fd, wants(&m->line, &m->log));
	fds[FEED] = when(running && m->feed.len > 0, m->child.in, POLLOUT);
	fds[INPUT] =
	    when(running && feed_room(&m->feed) > 0, m->input.fd, POLLIN);
	fds[SIGNALS] = when(true, m->signals, POLLIN);
}

/* Waits until `due` at most. Returns whether anything happened. */
static bool
wait_for(struct pollfd fds[SLOTS], uint64_t due)
{
	uint64_t now = clock_now(), ns = due > now ? due - now : 0;
	struct timespec t = {.tv_sec = (time_t)(ns / 1000000000),
	    .tv_nsec = (long)(ns % 1000000000)};

	return ppoll(fds, SLOTS, due == UINT64_MAX ? NULL : &t, NULL) > 0;
}

static void
look_at_sinks(struct machine *m, const struct pollfd fds[SLOTS], uint64_t now)
{
	const short gone = POLLERR | POLLHUP | POLLNVAL;

	give(m, now);
	if (m->out.stream.fd >= 0 && fds[STDOUT].revents & gone) {
		errno = EPIPE;
		reader_gone(m, now);
	}
	if (m->messages.stream.fd >= 0 && fds[STDERR].revents & gone)
		forget(&m->errors, &m->messages);
}

static void
turn(struct machine *m)
{
	struct pollfd fds[SLOTS];

	arm(m, fds);
	bool any = wait_for(fds, next_due(m));
	uint64_t now = clock_now();
	if (now >= m->rest_until)
		m->rest_until = 0;
	if (any && fds[QMP].revents != 0)
		take_qmp(m, now);
	if (m->rest_until == 0)
		take_all(m, now);
	if (any) {
		look_at_sinks(m, fds, now);
		if (fds[INPUT].revents != 0)
			take_input(m);
		if (fds[SIGNALS].revents != 0)
			take_signals(m, now);
	}
	if (m->state == RUNNING && m->feed.len > 0)
		feed_send(&m->feed, m->child.in);
	look_at_clock(m, now);
	look_at_drains(m, now);
}

static void
judge(struct machine *m, const char *name)
{
	char errors[ERRORS_SHOWN + 1];
	struct verdict_facts facts = {
	    .name = name,
	    .wait_status = m->wait_status,
	    .said_something = m->first_byte != UINT64_MAX,
	    .success = m->options->any_success ? m->options->success : NULL,
	    .errors = errors,
	    .mute = m->options->qmp && !m->greeted,
	};

	errors[line_tail(&m->errors, errors, ERRORS_SHOWN)] = '\0';
	verdict_end(&m->verdict, &facts);
}

static bool
start(struct machine *m, char *const *argv, const char *directory)
{
	struct child_plan plan = {
	    .argv = argv,
	    .directory = directory,
	    .pipes = m->options->pipes,
	    .tty_output = m->options->tty_output,
	    .qmp = m->options->qmp || words_want_qmp(argv),
	    .mask = m->old_mask,
	};
	struct reason why = {""};
	int error;

	clock_gettime(CLOCK_REALTIME, &m->start);
	m->started_at = m->ended_at = clock_now();
	if (child_start(&m->child, &plan, &error, &why) < 0) {
		if (error == 0)
			verdict_decide(
			    &m->verdict, CAUSE_ERROR, 125, "%s", why.text);
		else
			verdict_decide(&m->verdict, CAUSE_START,
			    error == ENOENT ? 127 : 126, "%s", why.text);
		return false;
	}
	m->started = true;
	m->sources[0] = m->child.out;
	m->sources[1] = m->child.master;
	m->sources[2] = m->child.err;
	return true;
}

void
machine_run(struct machine *m, char *const *argv, const char *directory)
{
	if (!start(m, argv, directory))
		return;
	limit_start(&m->total, m->started_at, 0);
	limit_start(&m->first, m->started_at, 0);
	limit_start(&m->silence, m->started_at, 0);
	while (m->state != DONE)
		turn(m);
	judge(m, argv[0]);
}

uint64_t
machine_undelivered(const struct machine *m)
{
	return m->line.total + m->line.dropped - m->out.at;
}
