#include "machine.h"

#include "ending.h"
#include "holder.h"
#include "turn.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	RING_BYTES = 65536,
	/* Clients that come late get so much of the past. */
	RING_BYTES_CLIENTS = 262144,
	ERRORS_SHOWN = 2048,
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
	    .console.fd = -1,
	    .clients.listener = -1,
	    .talk = {.to.stream.fd = -1, .slave = -1, .from = -1},
	    .guard = {.pidfd = -1, .pipe = -1},
	    .place.run = {.parent = -1, .lease = -1},
	    .sources = {-1, -1, -1},
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

/* SIGPIPE becomes EPIPE, SIGXFSZ EFBIG, SIGTTOU nothing; what the caller
 * ignores (nohup, a job in the background) we ignore too. */
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
	if (m->console.fd >= 0) {
		sigaddset(&blocked, SIGTSTP);
		sigaddset(&blocked, SIGCONT);
		sigaddset(&blocked, SIGWINCH);
	}
	/* An ignored SIGCHLD would leave nothing to wait for. */
	action = (struct sigaction){.sa_handler = SIG_DFL};
	sigaction(SIGCHLD, &action, NULL);
	m->signals = signalfd(-1, &blocked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (m->signals < 0)
		return reason_errno(why, "signalfd");
	sigaddset(&blocked, SIGPIPE);
	sigaddset(&blocked, SIGXFSZ);
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

/* The terminal, when words came from stdin and the user sits before it. */
static void
open_terminal(struct machine *m)
{
	if (!isatty(STDOUT_FILENO) || tcgetpgrp(STDOUT_FILENO) != getpgrp())
		return;
	int fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		m->input = (struct stream){.fd = fd, .kind = STREAM_PLAIN};
}

static int
open_inputs(struct machine *m, bool from_stdin, struct reason *why)
{
	const struct options *options = m->options;

	if (options->input != NULL) {
		if (open_input(m, options->input, why) < 0)
			return -1;
	} else if (from_stdin) {
		open_terminal(m);
	} else if (stream_open(&m->input, STDIN_FILENO, O_RDONLY) < 0) {
		return reason_errno(why, "<stdin>");
	}
	console_open(&m->console, m->input.fd);
	return 0;
}

static int
open_outputs(struct machine *m, struct reason *why)
{
	const struct options *options = m->options;

	if (stream_open(&m->out.stream, STDOUT_FILENO, O_WRONLY) < 0)
		return reason_errno(why, "<stdout>");
	line_hold(&m->line, &m->out);
	if (stream_open(&m->messages.stream, STDERR_FILENO, O_WRONLY) == 0)
		line_hold(&m->errors, &m->messages);
	return options->log != NULL ? open_log(m, options->log, why) : 0;
}

int
machine_open(struct machine *m, bool from_stdin, struct reason *why)
{
	const struct options *options = m->options;
	size_t ring = options->socket != NULL ? RING_BYTES_CLIENTS : RING_BYTES;

	if (line_open(&m->line, ring) < 0 ||
	    line_open(&m->errors, RING_BYTES) < 0 || feed_open(&m->feed) < 0)
		return reason_errno(why, "memory");
	/* Signals before anything that would have to be taken away again. */
	if (children_adopt(&m->rest.spared, why) < 0 ||
	    open_inputs(m, from_stdin, why) < 0 || open_signals(m, why) < 0 ||
	    place_open(&m->place, options->directory, why) < 0 ||
	    open_outputs(m, why) < 0)
		return -1;
	console_enter(&m->console);
	if (guard_open(&m->guard, &m->place, &m->console) < 0 ||
	    children_add(&m->rest.spared, m->guard.pid) < 0)
		return reason_errno(why, "guard");
	if (place_make(&m->place, options->socket, why) < 0)
		return -1;
	if (options->socket != NULL &&
	    clients_open(&m->clients, options->socket, why) < 0)
		return -1;
	return 0;
}

static void
judge(struct machine *m, const char *name)
{
	char errors[ERRORS_SHOWN + 1], holder[200];
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
	if (m->verdict.cause == CAUSE_EXIT && m->verdict.status != 0) {
		holder_explain(errors, holder, sizeof(holder));
		verdict_explain(&m->verdict, holder);
	}
	if (m->talk.failed && m->verdict.status == 0)
		verdict_command(&m->verdict, m->talk.status);
}

static void
fail(struct machine *m, int error, const struct reason *why)
{
	if (error == 0)
		verdict_decide(&m->verdict, CAUSE_ERROR, 125, "%s", why->text);
	else
		verdict_decide(&m->verdict, CAUSE_START,
		    error == ENOENT ? 127 : 126, "%s", why->text);
}

static int
start_talk(struct machine *m, struct reason *why)
{
	const char *command = m->options->command;

	if (command == NULL)
		return 0;
	if (talk_open(&m->talk, command, &m->old_mask, why) < 0)
		return -1;
	guard_add(&m->guard, m->talk.pid);
	line_hold(&m->line, &m->talk.to);
	if (children_add(&m->rest.spared, m->talk.pid) < 0)
		return reason_errno(why, "%s", command);
	return 0;
}

static int
start(struct machine *m, char *const *argv)
{
	struct child_plan plan = {
	    .argv = argv,
	    .directory = m->place.path,
	    .pipes = m->options->pipes,
	    .tty_output = m->options->tty_output,
	    .qmp = m->options->qmp || words_want_qmp(argv),
	    .mask = m->old_mask,
	};
	struct reason why = {""};
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &m->start);
	m->started_at = m->ended_at = clock_now();
	if (child_start(&m->child, &plan, &error, &why) < 0) {
		fail(m, error, &why);
		return -1;
	}
	guard_add(&m->guard, m->child.pid);
	console_resize(&m->console, m->child.slave);
	m->sources[FROM_STDOUT] = m->child.out;
	m->sources[FROM_PTY] = m->child.master;
	m->sources[FROM_STDERR] = m->child.err;
	limit_start(&m->total, m->started_at, 0);
	limit_start(&m->first, m->started_at, 0);
	limit_start(&m->silence, m->started_at, 0);
	if (start_talk(m, &why) < 0) {
		fail(m, 0, &why);
		ending_begin(m, m->started_at);
	}
	return 0;
}

void
machine_run(struct machine *m, char *const *argv)
{
	if (start(m, argv) < 0)
		return;
	while (m->state != DONE)
		turn(m);
	judge(m, argv[0]);
}

uint64_t
machine_undelivered(const struct machine *m)
{
	return m->line.total + m->line.dropped - m->out.at;
}

int
machine_leave(struct machine *m, struct reason *why)
{
	int result = 0;

	console_leave(&m->console);
	clients_close(&m->clients);
	if (m->guard.pid > 0)
		result = children_bury(&m->rest, why);
	if (place_close(&m->place, why) < 0)
		result = -1;
	/* It goes while the record is written. */
	guard_dismiss(&m->guard);
	return result;
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
	talk_close(&m->talk);
	feed_close(&m->feed);
	qmp_free(&m->qmp);
	children_free(&m->rest.spared);
	verdict_free(&m->verdict);
	place_free(&m->place);
	guard_close(&m->guard);
	if (m->signals >= 0)
		close(m->signals);
	m->signals = -1;
}
