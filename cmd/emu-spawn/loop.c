#include "loop.h"

#include "clock.h"
#include "phases.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is polled: the output's first, the input's last. */
enum {
	QMP = OUTPUT_POLLED,
	SEND,
	CONTROL,
	SIGNALS,
	CLIENTS,
	SHARED,
	INPUT = SHARED + SHARED_LINE_POLLED,
	SLOTS = INPUT + INPUT_SOURCES
};

/* How old limit_run_delay may be. */
static const uint64_t delay_age_ns = 100000000;

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
	return run->phase > RUN_RUNNING && run->phase < RUN_DRAINING;
}

/* Where the input goes: to the command in the guest, or the serial line. */
static int
input_of(const struct run *run)
{
	return run->has_ports ? run->emulator.ports[PORT_IN] : run->emulator.in;
}

/* Whether input may be sent: a guest whose state is being loaded or saved would
 * lose it. */
static bool
may_send(const struct run *run)
{
	const struct monitor *monitor = &run->monitor;

	return run->input.len > 0 &&
	       run->output.lines[OUTPUT_SERIAL].awaited == NULL &&
	       monitor->job == MONITOR_NOTHING &&
	       (run->options->load == NULL || monitor->done[MONITOR_LOAD]);
}

static void
arm(struct run *run, struct pollfd fds[SLOTS])
{
	const struct guest_input *input = &run->input;
	const struct output *o = &run->output;

	output_arm(o, drops(run), fds);
	guest_input_arm(input, fds + INPUT);
	fds[CLIENTS] =
	    clients_arm(&run->clients, &o->lines[OUTPUT_SERIAL], input);
	fds[SEND] = when(may_send(run), input_of(run), POLLOUT);
	fds[CONTROL] = when(true, run->port.fd, POLLIN);
	shared_line_arm(&run->shared, fds + SHARED);
	fds[QMP] = when(true, run->monitor.fd, POLLIN);
	fds[SIGNALS] = when(true, run->signals, POLLIN);
}

/* How stdout failed, when that matters still. */
static void
record_reader(struct run *run, int error)
{
	bool left = error == EPIPE || error == ECONNRESET || error == EIO;
	int *port = &run->emulator.ports[PORT_OUT];

	if (left && run->has_ports) {
		/* The command's next write fails, or kills it, as on the
		 * host. */
		if (*port >= 0)
			close(*port);
		*port = run->output.sources[OUTPUT_COMMAND_OUT] = -1;
		return;
	}
	if (run->phase == RUN_DRAINING && left)
		return;
	if (error == ENODATA)
		verdict_stop(&run->verdict, CAUSE_ERROR, 125,
		    "%s: truncated by another process", run->options->log);
	else if (left)
		verdict_reader(&run->verdict, run->options->reader_may_leave,
		    "the reader of stdout went away");
	else
		verdict_error(&run->verdict, "<stdout>", error);
}

/* What of the output has failed. */
static void
record_output(struct run *run)
{
	struct output *o = &run->output;
	struct sink *out = &o->shown->sinks[SINK_OUT];
	struct line *line = &o->lines[OUTPUT_SERIAL];
	int log = line->log_error != 0 ? line->log_error
				       : line->sinks[SINK_LOG].error;

	if (out->error != 0)
		record_reader(run, out->error);
	out->error = 0;
	if (log != 0)
		verdict_error(&run->verdict, run->options->log, log);
	if (o->source_error != 0)
		verdict_error(
		    &run->verdict, "the emulator's output", o->source_error);
}

static void
take_output(struct run *run)
{
	uint64_t now = run->now;
	struct limit *silence = &run->limits[LIMIT_SILENCE];

	if (output_read(&run->output, drops(run), run->ended, now) == 0)
		return;
	if (silence->length > 0 && now - run->delay_at > delay_age_ns) {
		run->delay = limit_run_delay(run->emulator.child.pid);
		run->delay_at = now;
	}
	limit_start(silence, now, run->delay);
}

/* Whoever reads has all that the command wrote, or nobody wants it. A reader
 * may take his time: until then the machine holds what is not read yet. */
static bool
has_all(const struct output *output, int number, uint64_t bytes)
{
	const struct line *line = &output->lines[number];

	return output->sources[number] < 0 ||
	       (line->total >= bytes &&
		   line_given(line, &line->sinks[SINK_OUT]));
}

/* One read a turn: a guest that says more and more does not stop the clock. Of
 * a machine that has ended, all that is left. */
static void
take_control(struct run *run)
{
	struct output *o = &run->output;
	struct command_port *port = &run->port;

	while (command_port_take(port) && run->ended)
		continue;
	if (port->ready && run->shared.in >= 0 && !run->shared.shared) {
		/* The guest speaks by virtio-serial: what its console prints is
		 * no port's. */
		shared_line_close(&run->shared);
		line_release(&o->lines[OUTPUT_SERIAL].sinks[SINK_OUT], 0);
	}
	if (port->state == COMMAND_FAILED)
		verdict_error(&run->verdict, port->why.text, 0);
	if (port->state == COMMAND_ENDED &&
	    has_all(o, OUTPUT_COMMAND_OUT, port->out) &&
	    has_all(o, OUTPUT_COMMAND_ERR, port->err))
		verdict_stop(&run->verdict, CAUSE_EXIT, port->status, "%s", "");
}

static void
record_input(struct run *run)
{
	struct guest_input *input = &run->input;

	if (input->failed != NULL)
		verdict_error(&run->verdict, input->failed, input->error);
	input->failed = NULL;
	if (input->leave)
		verdict_reader(&run->verdict, run->options->reader_may_leave,
		    "left by ~.");
}

/* The guest would wait for ever for what we cannot deliver. */
static void
send_input(struct run *run)
{
	struct guest_input *input = &run->input;
	uint64_t before = input->sent;

	if (run->phase != RUN_RUNNING) {
		input->len = 0;
		return;
	}
	if (run->has_ports && input->ended && input->len == 0 &&
	    run->emulator.ports[PORT_IN] >= 0) {
		shutdown(run->emulator.ports[PORT_IN], SHUT_WR);
		input->ended = false;
	}
	if (!may_send(run))
		return;
	if (guest_input_send(input, input_of(run)) < 0 && errno != EPIPE)
		verdict_error(&run->verdict, "the emulator's input", errno);
	if (input->sent > before && run->output.first_byte == UINT64_MAX &&
	    run->options->load == NULL)
		input->early = true;
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

	monitor_take(&run->monitor);
	guard_drop(&run->guard, run->emulator.child.pid);
	run->wait_status = child_end(&run->emulator.child);
	run->ended = true;
	helpers_end(&run->helpers);
	children_bury(&run->rest, &why);
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
			run_end_dialog(run);
		else if (!helpers_reap(&run->helpers, info.si_pid))
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

/* Waits as clock_poll does. poll(2) refuses more entries than the process may
 * have descriptors (RLIMIT_NOFILE), those of -1 among them. */
static void
wait_for(struct pollfd fds[SLOTS], uint64_t due)
{
	struct pollfd wanted[SLOTS];
	nfds_t count = 0;

	for (int i = 0; i < SLOTS; i++)
		if (fds[i].fd >= 0)
			wanted[count++] = fds[i];
	bool any = clock_poll(wanted, count, due) > 0;
	for (int i = SLOTS - 1; i >= 0; i--) {
		fds[i].revents = 0;
		if (fds[i].fd >= 0 && any)
			fds[i].revents = wanted[--count].revents;
	}
}

/* A turn: what happened is recorded, most of it in the verdict, and then one
 * look says what follows. */
static void
turn(struct run *run)
{
	struct output *o = &run->output;
	struct pollfd fds[SLOTS];

	arm(run, fds);
	wait_for(fds, run->due);
	run->now = clock_now();
	if (fds[QMP].revents != 0)
		monitor_take(&run->monitor);
	if (run->has_ports)
		shared_line_turn(&run->shared);
	take_output(run);
	output_give(o, fds);
	record_output(run);
	guest_input_take(&run->input, fds + INPUT);
	record_input(run);
	clients_take(&run->clients, &o->lines[OUTPUT_SERIAL], &run->input,
	    &fds[CLIENTS]);
	if (fds[SIGNALS].revents != 0)
		take_signals(run);
	if (run->has_ports)
		take_control(run);
	send_input(run);
	phases_look(run);
}

void
loop_run(struct run *run)
{
	while (run->phase != RUN_DONE)
		turn(run);
}
