#include "loop.h"

#include "clock.h"
#include "keeping.h"
#include "monitor.h"
#include "notice.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Phases x events. What happens is recorded, most of it in the verdict; at the
 * end of a turn the loop looks at what was recorded and goes on to the next
 * phase.
 *
 * KEEPING is STOPPING, but that the emulator is told nothing before -D and -P
 * have theirs.
 *
 *                RUNNING            STOPPING           DRAINING
 * line, stderr   give to sinks      give, else drop    give; dry when empty
 * QMP            record             record
 * input          queue, send        drop               drop
 * reader gone    record             record             forget
 * log failed     record             record
 * limit passed   record
 * signal to us   record             next word          give up
 * child's end    drain              drain
 * time           stop if recorded   next word          give up */

/* What is polled; the clients follow. */
enum slot {
	QMP,
	SOURCE,
	STDOUT = SOURCE + OUTPUT_SOURCES,
	STDERR,
	LOG,
	SEND,
	INPUT,
	DIALOG_TO,
	DIALOG_FROM,
	CONTROL,
	LISTENER,
	SIGNALS,
	CLIENTS,
	SLOTS = CLIENTS + CLIENTS_MOST
};

static const short gone = POLLERR | POLLHUP | POLLNVAL;

/* What is kept of a guest's last words that stdout cannot take. */
enum { LAST_WORDS = 1 << 20 };

/* How often to look whether -X has read all. */
static const uint64_t hang_up_ns = 5000000;

/* How old limit_run_delay may be. */
static const uint64_t delay_age_ns = 100000000;

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

/* Whether bytes for which there is no room are thrown away: an emulator that is
 * blocked on output heeds nothing. */
static bool
drops(const struct run *run)
{
	return run->phase == RUN_STOPPING || run->phase == RUN_KEEPING;
}

static void
arm_output(struct run *run, struct pollfd fds[SLOTS])
{
	struct output *o = &run->output;

	for (int i = 0; i < OUTPUT_SOURCES; i++)
		fds[SOURCE + i] = when(
		    o->rest_until == 0 &&
			output_may_read(o, (enum output_source)i, drops(run)),
		    o->sources[i], POLLIN);
	fds[STDOUT] = when(true, o->out.stream.fd, wants(o->shown, &o->out));
	fds[STDERR] =
	    when(true, o->messages.stream.fd, wants(&o->errors, &o->messages));
	if (fds[STDERR].events == 0)
		fds[STDERR] = when(true, o->command_messages.stream.fd,
		    wants(&o->command_err, &o->command_messages));
	fds[LOG] = when(true, o->log.stream.fd, wants(&o->line, &o->log));
}

static void
arm_clients(const struct run *run, bool room, struct pollfd fds[SLOTS])
{
	const struct clients *clients = &run->output.clients;

	fds[LISTENER] =
	    when(clients->count < CLIENTS_MOST, clients->listener, POLLIN);
	for (size_t i = 0; i < CLIENTS_MOST; i++) {
		const struct client *c = &clients->list[i];
		bool listen = room && !c->done;
		short events = listen ? POLLIN : 0;

		if (!c->deaf)
			events = (short)(events |
					 wants(&run->output.line, &c->sink));
		/* One that hung up would be reported again and again. */
		fds[CLIENTS + i] =
		    when(i < clients->count && (listen || !c->deaf),
			c->sink.stream.fd, events);
	}
}

/* Where the input goes: to the command in the guest, or the serial line. */
static int
input_of(const struct run *run)
{
	return run->has_ports ? run->emulator.ports[PORT_IN] : run->emulator.in;
}

static void
arm(struct run *run, struct pollfd fds[SLOTS])
{
	const struct dialog *dialog = &run->dialog;
	const struct line *line = &run->output.line;
	bool room = queue_has_room(&run->input.queue);
	bool due = guest_input_is_due(&run->input) &&
		   run->input.queue.len > 0 && keeping_is_idle(run);

	arm_output(run, fds);
	arm_clients(run, room, fds);
	fds[SEND] = when(due, input_of(run), POLLOUT);
	fds[CONTROL] = when(true, run->port.fd, POLLIN);
	fds[INPUT] = when(
	    guest_input_may_read(&run->input), run->input.stream.fd, POLLIN);
	fds[DIALOG_TO] =
	    when(true, dialog->to.stream.fd, wants(line, &dialog->to));
	fds[DIALOG_FROM] = when(room, dialog->from, POLLIN);
	fds[QMP] = when(true, run->emulator.qmp, POLLIN);
	fds[SIGNALS] = when(true, run->signals, POLLIN);
}

static uint64_t
earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Whether a source of the dead may have bytes that there is room for. */
static bool
remains(struct run *run)
{
	for (int i = 0; i < OUTPUT_SOURCES; i++)
		if (output_may_read(&run->output, (enum output_source)i, false))
			return run->phase == RUN_DRAINING && run->ended;
	return false;
}

static bool
limit_counts(const struct run *run, int i)
{
	return i != LIMIT_FIRST || run->output.first_byte == UINT64_MAX;
}

static uint64_t
next_due(struct run *run)
{
	uint64_t due = UINT64_MAX;

	if (remains(run))
		return 0;
	if (run->phase == RUN_RUNNING) {
		for (int i = 0; i < LIMITS && run->paused_since == 0; i++)
			if (limit_counts(run, i))
				due = earlier(due, limit_due(&run->limits[i]));
		if (run->await > 0)
			due = earlier(due, run->await);
	} else if (run->phase == RUN_STOPPING) {
		due = run->stop.next;
	} else if (run->phase == RUN_DRAINING) {
		due = run->give_up;
	}
	if (run->keeper.job != KEEPER_NOTHING)
		due = earlier(due, run->keeper.due);
	if (run->output.rest_until > 0)
		due = earlier(due, run->output.rest_until);
	return due;
}

/* How stdout failed, when that matters still. */
static void
record_reader(struct run *run)
{
	int error = run->output.out_error;
	bool left = error == EPIPE || error == ECONNRESET || error == EIO;

	run->output.out_error = 0;
	if (left && run->has_ports) {
		/* The command's next write fails, or kills it, as on the
		 * host. */
		output_hang_up(&run->output, OUTPUT_COMMAND_OUT);
		run->emulator.ports[PORT_OUT] = -1;
		return;
	}
	if (run->phase == RUN_DRAINING && left)
		return;
	if (error == ENODATA)
		verdict_stop(&run->verdict, CAUSE_ERROR, 125,
		    "%s: truncated by somebody", run->options->log);
	else if (left)
		verdict_reader(&run->verdict, run->options->reader_may_leave,
		    "the reader of stdout went away");
	else
		run_record_error(run, "<stdout>", error);
}

static void
record_output(struct run *run)
{
	struct output *o = &run->output;

	if (o->out_error != 0)
		record_reader(run);
	if (o->log_error != 0)
		run_record_error(run, run->options->log, o->log_error);
	if (o->source_error != 0)
		run_record_error(run, "the emulator's output", o->source_error);
	o->log_error = o->source_error = 0;
}

static void
take_output(struct run *run, uint64_t now)
{
	struct output *o = &run->output;
	struct limit *silence = &run->limits[LIMIT_SILENCE];

	if (now >= o->rest_until)
		o->rest_until = 0;
	if (o->rest_until > 0)
		return;
	uint64_t bytes = output_read(o, drops(run), run->ended, now);
	if (bytes > 0) {
		if (silence->length > 0 && now - run->delay_at > delay_age_ns) {
			run->delay = limit_run_delay(run->emulator.child.pid);
			run->delay_at = now;
		}
		limit_start(silence, now, run->delay);
		if (run->phase == RUN_RUNNING)
			output_rest(o, bytes, run->options->tty_output, now);
	}
	record_output(run);
}

static void
give(struct run *run, const struct pollfd fds[SLOTS])
{
	struct sink *to = &run->dialog.to;

	output_give(&run->output);
	output_hung_up(&run->output, fds[STDOUT].revents & gone,
	    fds[STDERR].revents & gone);
	if (line_give(&run->output.line, to) < 0 ||
	    (to->stream.fd >= 0 && fds[DIALOG_TO].revents & gone))
		line_release(&run->output.line, to);
	record_output(run);
}

/* All that the command wrote is there, or nobody wants it. */
static bool
has_all(const struct output *output, enum output_source source,
    const struct line *line, uint64_t bytes)
{
	return line->total >= bytes || output->sources[source] < 0;
}

static void
take_control(struct run *run)
{
	const struct output *o = &run->output;
	struct command_port *port = &run->port;
	char note[sizeof(port->text)];

	while (port->fd >= 0 && command_port_read(port, note))
		notice("%s", note);
	if (port->state == COMMAND_FAILED)
		verdict_stop(
		    &run->verdict, CAUSE_ERROR, 125, "%s", port->why.text);
	if (port->state == COMMAND_ENDED &&
	    has_all(o, OUTPUT_COMMAND_OUT, &o->command_out, port->out) &&
	    has_all(o, OUTPUT_COMMAND_ERR, &o->command_err, port->err))
		verdict_guest_command(&run->verdict, port->status);
}

static void
take_clients(struct run *run, const struct pollfd fds[SLOTS])
{
	struct clients *clients = &run->output.clients;

	for (size_t i = 0; i < clients->count; i++) {
		struct client *c = &clients->list[i];
		const struct pollfd *p = &fds[CLIENTS + i];

		/* It came, or moved here, since. */
		if (p->fd != c->sink.stream.fd)
			continue;
		if (p->revents & gone)
			c->deaf = true;
		if (p->revents != 0 && !c->done &&
		    queue_has_room(&run->input.queue))
			clients_take(c, &run->input.queue);
	}
	clients_sweep(clients);
	if (fds[LISTENER].revents & POLLIN)
		clients_accept(clients, &run->output.line);
}

static void
take_input(struct run *run, const struct pollfd fds[SLOTS])
{
	struct guest_input *input = &run->input;

	if (fds[INPUT].revents != 0 && guest_input_may_read(input))
		guest_input_read(input);
	if (fds[DIALOG_FROM].revents != 0 && queue_has_room(&input->queue) &&
	    dialog_take(&run->dialog, &input->queue) < 0)
		run_record_error(run, "-X", errno);
	if (input->error != 0)
		run_record_error(run, input->name, input->error);
	input->error = 0;
	if (input->leave)
		verdict_reader(&run->verdict, run->options->reader_may_leave,
		    "left by ~.");
	input->leave = false;
}

/* The guest would wait for ever for what we cannot deliver. */
static void
send_input(struct run *run)
{
	struct guest_input *input = &run->input;
	uint64_t before = input->queue.sent;

	if (run->phase != RUN_RUNNING) {
		queue_forget(&input->queue);
		return;
	}
	if (run->has_ports && input->ended && input->queue.len == 0 &&
	    run->emulator.ports[PORT_IN] >= 0) {
		shutdown(run->emulator.ports[PORT_IN], SHUT_WR);
		input->ended = false;
	}
	if (input->queue.len == 0 || !keeping_is_idle(run) ||
	    !guest_input_is_due(input))
		return;
	guest_input_send(input, input_of(run));
	if (input->queue.sent > before &&
	    run->output.first_byte == UINT64_MAX && run->options->load == NULL)
		input->early = true;
	if (input->send_error != 0 && input->send_error != EPIPE)
		run_record_error(
		    run, "the emulator's input", input->send_error);
	input->send_error = 0;
}

static void
suspend(struct run *run)
{
	console_leave(&run->input.console);
	raise(SIGSTOP);
	console_enter(&run->input.console);
}

static void
take_signal(struct run *run, int number)
{
	switch (number) {
	case SIGCHLD:
		break;
	case SIGTSTP:
		suspend(run);
		break;
	case SIGCONT:
		console_enter(&run->input.console);
		break;
	case SIGUSR1:
		run->save_asked = true;
		break;
	case SIGWINCH:
		console_resize(&run->input.console, run->emulator.slave);
		command_port_resize(&run->port);
		break;
	default:
		run->interrupted = number;
		run->impatient = run->phase != RUN_RUNNING;
		verdict_stop(&run->verdict, CAUSE_SIGNAL, 128 + number,
		    "stopped by signal %d (%s)", number, strsignal(number));
	}
}

/* While it is a zombie, its process group is still its own. What it said last
 * by QMP comes before its status. */
static void
end_emulator(struct run *run)
{
	struct reason why;

	monitor_take(run);
	guard_drop(&run->guard, run->emulator.child.pid);
	run->wait_status = child_end(&run->emulator.child);
	run->ended = true;
	children_bury(&run->rest, &why);
}

static void
end_dialog(struct run *run)
{
	pid_t pid = run->dialog.child.pid;

	guard_drop(&run->guard, pid);
	dialog_end(&run->dialog);
	children_drop(&run->rest.spared, pid);
	line_release(&run->output.line, &run->dialog.to);
	if (run->dialog.status != 0 && run->phase == RUN_RUNNING)
		verdict_command(&run->verdict, run->dialog.status);
}

static void
reap(struct run *run)
{
	siginfo_t info = {0};

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid != 0) {
		if (info.si_pid == run->emulator.child.pid)
			end_emulator(run);
		else if (info.si_pid == run->dialog.child.pid)
			end_dialog(run);
		else
			waitpid(info.si_pid, NULL, 0);
		info.si_pid = 0;
	}
}

static void
take_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		take_signal(run, (int)info.ssi_signo);
	reap(run);
}

/* The last line that is not empty, for people: without escape sequences and
 * control characters. */
static void
last_line(const struct line *line, char *text, size_t size)
{
	char tail[1024];
	size_t end = line_tail(line, tail, sizeof(tail)), n = 0;

	while (end > 0 && strchr("\r\n ", tail[end - 1]) != NULL)
		end--;
	size_t start = end;
	while (start > 0 && tail[start - 1] != '\n')
		start--;
	for (size_t i = start; i < end && n + 1 < size; i++) {
		if (tail[i] == '\033' && i + 1 < end && tail[i + 1] == '[') {
			i += 2;
			while (i < end && (tail[i] < '@' || tail[i] > '~'))
				i++;
		} else if ((unsigned char)tail[i] >= ' ') {
			text[n++] = tail[i];
		}
	}
	text[n] = '\0';
}

static void
record_limit(struct run *run, int i)
{
	static const struct {
		const char *name, *what;
		enum cause cause;
		int status;
	} limits[LIMITS] = {
	    [LIMIT_TOTAL] = {"total", "still running after", CAUSE_TIMEOUT,
		124},
	    [LIMIT_FIRST] = {"first", "no output in the first", CAUSE_SILENCE,
		122},
	    [LIMIT_SILENCE] = {"silence", "no output for", CAUSE_SILENCE, 122},
	};
	char last[200];
	struct reason why;

	last_line(&run->output.line, last, sizeof(last));
	reason_set(&why, "%s %.10g s%s%s%s", limits[i].what,
	    (double)run->limits[i].length / 1e9,
	    last[0] != '\0' ? "; the last line was \"" : "", last,
	    last[0] != '\0' ? "\"" : "");
	verdict_limit(&run->verdict, limits[i].name, limits[i].cause,
	    limits[i].status, &why);
}

/* A guest that stands still (a debugger's, -S) is not silent. */
static void
count_pause(struct run *run, uint64_t now)
{
	if (run->paused_since > 0 && now > run->paused_since)
		for (int i = 0; i < LIMITS; i++)
			limit_shift(&run->limits[i], now - run->paused_since);
	run->paused_since = run->verdict.paused ? now : 0;
}

static void
look_at_limits(struct run *run, uint64_t now)
{
	count_pause(run, now);
	if (run->phase != RUN_RUNNING || run->paused_since > 0)
		return;
	/* While a reader without log is behind, the guest may wait for it. */
	if (line_room(&run->output.line) < run->output.line.size)
		limit_start(&run->limits[LIMIT_SILENCE], now, run->delay);
	for (int i = 0; i < LIMITS; i++)
		if (limit_counts(run, i) && now >= limit_due(&run->limits[i]) &&
		    limit_passed(&run->limits[i], now,
			limit_run_delay(run->emulator.child.pid)))
			record_limit(run, i);
}

/* What can be said to it. */
static unsigned
may_say(const struct run *run)
{
	bool command = run->port.fd >= 0 && run->port.state == COMMAND_RUNS &&
		       run->interrupted != 0;
	bool quit = monitor_heeds(run);

	return (command ? 1U << STOP_COMMAND : 0) |
	       (quit ? 1U << STOP_QUIT : 0);
}

/* Says the next word to an emulator that has to end. */
static void
say_next(struct run *run, uint64_t now)
{
	switch (stop_next(&run->stop, may_say(run), run->options->grace, now)) {
	case STOP_COMMAND:
		command_port_signal(&run->port, run->interrupted);
		break;
	case STOP_QUIT:
		monitor_ask(run, "quit");
		break;
	case STOP_TERM:
		child_signal(&run->emulator.child, SIGTERM);
		child_signal(&run->emulator.child, SIGCONT);
		break;
	case STOP_KILL:
		child_signal(&run->emulator.child, SIGKILL);
		break;
	default:
		break;
	}
}

static void
begin_keeping(struct run *run)
{
	struct output *o = &run->output;

	run->phase = RUN_KEEPING;
	o->rest_until = 0;
	if (o->line.log < 0 || o->line.log_failed)
		line_grow(&o->line, LAST_WORDS);
	child_signal(&run->dialog.child, SIGTERM);
}

static void
begin_stopping(struct run *run, uint64_t now)
{
	run->phase = RUN_STOPPING;
	say_next(run, now);
}

static void
begin_draining(struct run *run, uint64_t now)
{
	run->phase = RUN_DRAINING;
	run->ended_at = now;
	run->give_up = now + run->options->grace;
	run->output.rest_until = 0;
}

static bool
all_given(const struct run *run)
{
	return output_given(&run->output) &&
	       line_given(&run->output.line, &run->dialog.to);
}

/* Somebody who takes something is waited for. */
static void
look_at_draining(struct run *run, uint64_t now)
{
	uint64_t given = output_progress(&run->output) + run->dialog.to.at;
	bool dry = output_dry(&run->output);

	if (given != run->given)
		run->give_up = now + run->options->grace;
	run->given = given;
	/* The end of the line is what -X waits for now. */
	if (dry && line_given(&run->output.line, &run->dialog.to) &&
	    dialog_hang_up(&run->dialog))
		run->output.rest_until = now + hang_up_ns;
	if (dry && run->dialog.child.pid == 0 && all_given(run))
		run->phase = RUN_DONE;
	if ((now < run->give_up && !run->impatient) || run->phase == RUN_DONE)
		return;
	output_discard(&run->output);
	if (run->dialog.child.pid > 0)
		end_dialog(run);
	run->phase = RUN_DONE;
}

/* Goes on to the next phase when what was recorded says so. */
static void
decide(struct run *run, uint64_t now)
{
	bool overdue = run->await > 0 && now >= run->await;

	if (run->verdict.awaited && run->await == 0)
		run->await = now + run->options->grace;
	if (run->ended && run->phase < RUN_DRAINING)
		begin_draining(run, now);
	else if (run->phase == RUN_RUNNING && (run->verdict.stop || overdue))
		begin_keeping(run);
	if (run->phase == RUN_KEEPING && !keeping_before_end(run))
		begin_stopping(run, now);
	else if (run->phase == RUN_STOPPING &&
		 (run->impatient || now >= run->stop.next))
		say_next(run, now);
	if (run->phase == RUN_STOPPING && run->stop.said == STOP_GIVE_UP)
		begin_draining(run, now);
	else if (run->phase == RUN_DRAINING)
		look_at_draining(run, now);
	run->impatient = false;
}

static void
turn(struct run *run)
{
	struct pollfd fds[SLOTS];

	arm(run, fds);
	bool any = clock_poll(fds, SLOTS, next_due(run)) > 0;
	uint64_t now = clock_now();
	if (any && fds[QMP].revents != 0)
		monitor_take(run);
	take_output(run, now);
	guest_input_look(&run->input, &run->output.line);
	if (run->has_ports)
		take_control(run);
	if (any) {
		give(run, fds);
		take_clients(run, fds);
		take_input(run, fds);
		if (fds[SIGNALS].revents != 0)
			take_signals(run);
	}
	send_input(run);
	look_at_limits(run, now);
	keeping_turn(run, now);
	decide(run, now);
}

void
loop_run(struct run *run)
{
	while (run->phase != RUN_DONE)
		turn(run);
}
