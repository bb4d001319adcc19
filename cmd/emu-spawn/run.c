#include "run.h"

#include "clock.h"
#include "ports.h"
#include "trouble.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ERRORS_SHOWN = 2048 };

void
run_init(struct run *run, const struct options *options)
{
	*run = (struct run){
	    .options = options,
	    .dir = {.lease = {.parent = -1, .lease = -1}},
	    .guard = {.pidfd = -1, .pipe = -1},
	    .signals = -1,
	    .emulator = program_none,
	    .input = guest_input_none,
	    .dialog = program_none,
	    .dialog_status = -1,
	    .port = {.fd = -1},
	    .shared = {.in = -1, .out = -1, .ports = {-1, -1, -1, -1}},
	    .until = UINT64_MAX,
	};
	output_init(&run->output);
	monitor_init(&run->monitor, options, &run->verdict);
	run->verdict.demanded = options->qmp;
	run->verdict.success = options->any_success ? options->success : NULL;
	run->verdict.resets_most = options->resets;
	run->limits[LIMIT_TOTAL].length = options->total;
	run->limits[LIMIT_FIRST].length = options->first;
	run->limits[LIMIT_SILENCE].length = options->silence;
	/* A machine, or somebody who waits. */
	if (options->argv == NULL || isatty(STDERR_FILENO))
		run->limits[LIMIT_NOTE].length = options->note;
	sigprocmask(SIG_SETMASK, NULL, &run->old_mask);
	clock_gettime(CLOCK_REALTIME, &run->start);
	run->started_at = run->ended_at = clock_now();
}

/* SIGPIPE becomes EPIPE, SIGXFSZ EFBIG, SIGTTOU nothing; what the caller
 * ignores (nohup, a job in the background) we ignore too. */
static int
open_signals(struct run *run, struct reason *why)
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
	if (run->input.console.fd >= 0) {
		sigaddset(&blocked, SIGTSTP);
		sigaddset(&blocked, SIGCONT);
		sigaddset(&blocked, SIGWINCH);
	}
	if (run->options->save != NULL)
		sigaddset(&blocked, SIGUSR1);
	/* An ignored SIGCHLD would leave nothing to wait for. */
	action = (struct sigaction){.sa_handler = SIG_DFL};
	sigaction(SIGCHLD, &action, NULL);
	run->signals = signalfd(-1, &blocked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (run->signals < 0)
		return reason_errno(why, "signalfd");
	sigaddset(&blocked, SIGPIPE);
	sigaddset(&blocked, SIGXFSZ);
	sigaddset(&blocked, SIGTTOU);
	sigprocmask(SIG_BLOCK, &blocked, &run->old_mask);
	return 0;
}

/* Helpers are named by options, and by words like these before the emulator's.
 */
static int
take_helpers(struct run *run, struct reason *why)
{
	const struct options *options = run->options;
	struct words *words = &run->words;

	for (size_t i = 0; i < options->helper_count; i++)
		if (helpers_add(&run->helpers, options->helpers[i], why) < 0)
			return -1;
	for (; options->argv == NULL && strcmp(words->list[0], "-H") == 0 &&
	       words->list[1] != NULL;
	     words->list += 2) {
		if (helpers_add(&run->helpers, words->list[1], why) < 0)
			return -1;
		if (words->list[2] == NULL)
			return reason_set(
			    why, "no emulator behind the helpers");
	}
	return 0;
}

static int
open_words(struct run *run, struct reason *why)
{
	const struct options *options = run->options;

	if (options->argv != NULL)
		run->words.list = options->argv;
	else if (words_read(&run->words, options->words, why) < 0)
		return -1;
	if (take_helpers(run, why) < 0)
		return -1;
	run->verdict.name = run->words.list[0];
	run->verdict.qmp =
	    options->qmp || words_want_socket(run->words.list, 3);
	run->has_ports = words_want_socket(run->words.list, PORTS_FD);
	return 0;
}

/* Signals come before anything that would have to be taken away again. */
static int
open_all(struct run *run, struct reason *why)
{
	const struct options *options = run->options;
	bool from_stdin = options->argv == NULL && options->words == NULL;

	if (open_words(run, why) < 0 ||
	    children_adopt(&run->rest.spared, why) < 0 ||
	    guest_input_open(&run->input, options, from_stdin, why) < 0 ||
	    open_signals(run, why) < 0 ||
	    run_dir_open(&run->dir, options->directory, options->argv != NULL,
		why) < 0 ||
	    output_open(&run->output, options, run->has_ports, why) < 0 ||
	    (options->save != NULL &&
		state_choose(&run->monitor.saving, options->save, why) < 0))
		return -1;
	console_enter(&run->input.console);
	struct leased_dir *const dirs[GUARD_DIRS] = {
	    &run->dir.lease, &run->monitor.saving.new};
	if (guard_open(&run->guard, dirs, &run->input.console) < 0 ||
	    children_add(&run->rest.spared, run->guard.pid) < 0)
		return reason_errno(why, "guard");
	if (run_dir_make(&run->dir, options->socket, why) < 0)
		return -1;
	return options->socket == NULL
		   ? 0
		   : clients_open(&run->output.clients, options->socket, why);
}

static int
start_dialog(struct run *run, struct reason *why)
{
	static const char shell[] = "/bin/sh", option[] = "-c";
	/* execvp does not change what it is given. */
	char *const argv[] = {(char *)(uintptr_t)shell,
	    (char *)(uintptr_t)option, (char *)(uintptr_t)run->options->command,
	    NULL};
	struct program *dialog = &run->dialog;
	struct sink *to = &run->output.lines[OUTPUT_SERIAL].sinks[SINK_DIALOG];

	if (run->options->command == NULL)
		return 0;
	if (program_start(
		dialog, argv, NULL, PROGRAM_DIALOG, &run->old_mask, why) < 0)
		return -1;
	to->stream.fd = dialog->master;
	dialog->master = dialog->in = -1;
	guard_add(&run->guard, run->dialog.child.pid);
	if (children_add(&run->rest.spared, run->dialog.child.pid) < 0)
		return reason_errno(why, "-X");
	return 0;
}

/* QEMU waits for a state when its words say so. Returns these words, or NULL
 * when memory is short. */
static char **
add_incoming(const struct words *words)
{
	static const char incoming[] = "-incoming", defer[] = "defer";
	size_t count = 0;

	while (words->list[count] != NULL)
		count++;
	char **list = calloc(count + 3, sizeof(*list));
	if (list == NULL)
		return NULL;
	memcpy(list, words->list, count * sizeof(*list));
	/* execvp does not change what it is given. */
	list[count] = (char *)(uintptr_t)incoming;
	list[count + 1] = (char *)(uintptr_t)defer;
	return list;
}

static int
start_emulator(struct run *run, struct reason *why)
{
	const struct options *options = run->options;
	const char *directory = run->dir.caller ? NULL : run->dir.path;
	unsigned has = (options->pipes ? PROGRAM_PIPES : 0U) |
		       (options->tty_output ? PROGRAM_TTY_OUTPUT : 0U) |
		       (run->verdict.qmp ? PROGRAM_QMP : 0U) |
		       (run->has_ports ? PROGRAM_PORTS : 0U);
	char **words = run->words.list;

	if (monitor_open(&run->monitor, words, directory, why) < 0)
		return -1;
	if (options->load != NULL &&
	    (words = add_incoming(&run->words)) == NULL)
		return reason_memory(why);
	run->oom_kills = trouble_oom_kills();
	clock_gettime(CLOCK_REALTIME, &run->start);
	run->started_at = run->ended_at = clock_now();
	int result = program_start(
	    &run->emulator, words, directory, has, &run->old_mask, why);
	if (words != run->words.list)
		free(words);
	return result;
}

/* A kernel without virtio-serial leaves the ports to us, on the serial line. */
static int
start_command(struct run *run)
{
	struct stream *line =
	    &run->output.lines[OUTPUT_SERIAL].sinks[SINK_OUT].stream;
	struct program *emulator = &run->emulator;
	int pair[2];

	run->port.fd = emulator->ports[PORT_CONTROL];
	emulator->ports[PORT_CONTROL] = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		pair) < 0)
		return -1;
	*line = (struct stream){.fd = pair[0], .kind = STREAM_SOCKET};
	shared_line_open(
	    &run->shared, true, pair[1], emulator->in, emulator->far);
	for (int i = 0; i < PORTS; i++)
		emulator->far[i] = -1;
	return command_port_start(&run->port);
}

static int
start_helpers(struct run *run, struct reason *why)
{
	const struct helpers_plan plan = {
	    .directory = run->dir.caller ? NULL : run->dir.path,
	    .lease = &run->dir.lease,
	    .guard = &run->guard,
	    .mask = &run->old_mask,
	    .patience = run->options->patience,
	};

	if (helpers_start(&run->helpers, &plan, why) == 0)
		return 0;
	verdict_stop(&run->verdict, CAUSE_START, 125, why->text);
	return -1;
}

int
run_begin(struct run *run)
{
	struct reason why = {""};

	if (open_all(run, &why) < 0 || start_helpers(run, &why) < 0 ||
	    start_emulator(run, &why) < 0) {
		int error = run->emulator.child.error;

		verdict_stop(&run->verdict,
		    error == 0 ? CAUSE_ERROR : CAUSE_START,
		    error == 0        ? 125
		    : error == ENOENT ? 127
				      : 126,
		    why.text);
		return -1;
	}
	run->monitor.fd = run->emulator.qmp;
	guard_add(&run->guard, run->emulator.child.pid);
	console_resize(&run->input.console, run->emulator.slave);
	output_connect(&run->output, &run->emulator);
	if (run->has_ports && start_command(run) < 0)
		verdict_error(&run->verdict, "the command's ports", errno);
	for (int i = 0; i < LIMITS; i++)
		limit_start(&run->limits[i], run->started_at, 0);
	if (start_dialog(run, &why) < 0)
		verdict_error(&run->verdict, why.text, 0);
	return 0;
}

/* The machine has ended by itself. */
static void
judge_command(struct run *run)
{
	const struct command_port *port = &run->port;
	const struct line *lines = run->output.lines;

	if (port->state != COMMAND_ENDED && run->verdict.ran)
		verdict_error(&run->verdict,
		    "the machine ended without the status of its command", 0);
	else if (port->state == COMMAND_ENDED &&
		 (lines[OUTPUT_COMMAND_OUT].total < port->out ||
		     lines[OUTPUT_COMMAND_ERR].total < port->err))
		verdict_error(&run->verdict,
		    "the machine ended before all that its command wrote had "
		    "come",
		    0);
	else if (port->state == COMMAND_ENDED)
		verdict_stop(&run->verdict, CAUSE_EXIT, port->status, "");
}

void
run_end_dialog(struct run *run)
{
	struct child *child = &run->dialog.child;
	pid_t pid = child->pid;

	if (pid == 0)
		return;
	guard_drop(&run->guard, pid);
	int status = child_end(child);
	run->dialog_status =
	    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	children_drop(&run->rest.spared, pid);
	line_release(&run->output.lines[OUTPUT_SERIAL].sinks[SINK_DIALOG], 0);
	if (run->dialog_status != 0 && run->phase == RUN_RUNNING)
		verdict_command(&run->verdict, run->dialog_status);
}

/* What was wanted of the machine and did not come to be. */
static void
judge_monitor(struct run *run)
{
	struct verdict *verdict = &run->verdict;
	struct reason why;

	monitor_end(&run->monitor);
	if (run->options->save == NULL || verdict->status != 0)
		return;
	if (!run->monitor.has_saved)
		reason_set(&why, "%s: the machine ended before it was saved",
		    run->options->save);
	if (!run->monitor.has_saved ||
	    state_finish(&run->monitor.saving, &why) < 0)
		verdict_left(verdict, &why);
}

void
run_judge(struct run *run)
{
	char errors[ERRORS_SHOWN + 1], holder[200];
	struct verdict *verdict = &run->verdict;

	errors[line_tail(
	    &run->output.lines[OUTPUT_ERRORS], errors, ERRORS_SHOWN)] = '\0';
	if (run->has_ports && verdict->cause == CAUSE_NONE)
		judge_command(run);
	verdict_end(verdict, run->wait_status,
	    run->output.first_byte != UINT64_MAX, errors);
	if ((verdict->cause == CAUSE_EXIT || verdict->cause == CAUSE_START) &&
	    verdict->status != 0) {
		trouble_holder(errors, holder, sizeof(holder));
		verdict_explain(verdict, holder);
	}
	if (verdict->status == 0 && run->dialog_status > 0)
		verdict_command(verdict, run->dialog_status);
	if (verdict->status != 0 && WIFSIGNALED(run->wait_status) &&
	    WTERMSIG(run->wait_status) == SIGKILL && !run->killed &&
	    trouble_oom_kills() > run->oom_kills)
		verdict_explain(verdict,
		    "the kernel killed it: the memory of its cgroup ran out");
	if (verdict->cause == CAUSE_START)
		verdict_explain(verdict, run->helpers.failure.text);
	judge_monitor(run);
	if (verdict->status != 0 && run->input.early && !run->has_ports)
		verdict_explain(verdict, "input was sent before the guest's "
					 "first byte (-W holds it)");
}

int
run_leave(struct run *run, struct reason *why)
{
	int result = 0;

	helpers_end(&run->helpers, &run->guard);
	console_leave(&run->input.console);
	if (run->monitor.ports != NULL && ports_write(NULL, why) < 0)
		result = -1;
	clients_leave(&run->output.clients);
	if (run->guard.pid > 0 && children_bury(&run->rest, why) < 0)
		result = -1;
	if (state_leave(&run->monitor.saving, why) < 0 ||
	    run_dir_leave(&run->dir, why) < 0)
		result = -1;
	/* It goes while the record is written. */
	guard_dismiss(&run->guard);
	return result;
}
