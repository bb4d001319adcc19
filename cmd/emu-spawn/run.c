#include "run.h"

#include "../fatal.h"
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
	    .clients = {.listener = -1},
	    .dialog = program_none,
	    .dialog_status = -1,
	    .port = {.fd = -1},
	    .shared = {.in = -1, .out = -1, .ports = {-1, -1, -1, -1}},
	    .until = UINT64_MAX,
	};
	output_init(&run->output);
	guest_input_init(&run->input);
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
static void
open_signals(struct run *run)
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
		fatal_errno("signalfd");
	sigaddset(&blocked, SIGPIPE);
	sigaddset(&blocked, SIGXFSZ);
	sigaddset(&blocked, SIGTTOU);
	sigprocmask(SIG_BLOCK, &blocked, &run->old_mask);
}

/* Helpers are named by options, and by words like these before the emulator's.
 */
static void
open_words(struct run *run)
{
	const struct options *options = run->options;
	char **words = options->argv;

	if (words == NULL)
		words = words_read(options->words);
	for (size_t i = 0; i < options->helper_count; i++)
		helpers_add(&run->helpers, options->helpers[i]);
	for (; options->argv == NULL && strcmp(words[0], "-H") == 0 &&
	       words[1] != NULL;
	     words += 2) {
		helpers_add(&run->helpers, words[1]);
		if (words[2] == NULL)
			fatal("no emulator behind the helpers");
	}
	run->words = words;
	run->verdict.name = words[0];
	run->verdict.qmp = options->qmp || words_want_socket(words, 3);
	run->has_ports = words_want_socket(words, PORTS_FD);
}

/* Signals come before anything that would have to be taken away again. */
static void
open_all(struct run *run)
{
	const struct options *options = run->options;
	bool from_stdin = options->argv == NULL && options->words == NULL;
	struct reason why;

	open_words(run);
	fatal_if(children_adopt(&run->rest.spared, &why) < 0, &why);
	guest_input_open(&run->input, options, from_stdin);
	open_signals(run);
	run_dir_open(&run->dir, options->directory, options->argv != NULL);
	output_open(&run->output, options, run->has_ports);
	if (options->save != NULL)
		state_choose(&run->monitor.saving, options->save);
	console_enter(&run->input.console);
	guard_open(&run->guard,
	    (struct leased_dir *[GUARD_DIRS]){
		&run->dir.lease, &run->monitor.saving.new},
	    &run->input.console);
	if (children_add(&run->rest.spared, run->guard.pid) < 0)
		fatal_memory();
	run_dir_make(&run->dir, options->socket);
	if (options->socket != NULL)
		clients_open(&run->clients, options->socket);
}

static void
start_helpers(struct run *run)
{
	struct helpers *helpers = &run->helpers;

	helpers->directory = run->dir.target;
	helpers->lease = &run->dir.lease;
	helpers->guard = &run->guard;
	helpers->mask = &run->old_mask;
	helpers->patience = run->options->patience;
	run->helping = true;
	helpers_start(helpers);
	run->helping = false;
}

/* QEMU waits for a state when its words say so. Returns these words. */
static const char **
add_incoming(char *const *words)
{
	size_t count = 0;

	while (words[count] != NULL)
		count++;
	const char **list = calloc(count + 3, sizeof(*list));
	if (list == NULL)
		fatal_memory();
	memcpy(list, words, count * sizeof(*list));
	list[count] = "-incoming";
	list[count + 1] = "defer";
	return list;
}

static void
start_emulator(struct run *run)
{
	const struct options *options = run->options;
	unsigned has = (options->pipes ? PROGRAM_PIPES : 0U) |
		       (options->tty_output ? PROGRAM_TTY_OUTPUT : 0U) |
		       (run->verdict.qmp ? PROGRAM_QMP : 0U) |
		       (run->has_ports ? PROGRAM_PORTS : 0U);
	const char **waiting =
	    options->load != NULL ? add_incoming(run->words) : NULL;

	monitor_open(&run->monitor, run->words, run->dir.target);
	run->oom_kills = trouble_oom_kills();
	clock_gettime(CLOCK_REALTIME, &run->start);
	run->started_at = run->ended_at = clock_now();
	program_start(&run->emulator,
	    waiting != NULL ? waiting
			    : (const char *const *)(uintptr_t)run->words,
	    run->dir.target, has, &run->old_mask);
	free(waiting);
	run->monitor.fd = run->emulator.qmp;
	guard_add(&run->guard, run->emulator.child.pid);
	console_resize(&run->input.console, run->emulator.slave);
	output_connect(&run->output, &run->emulator);
	for (int i = 0; i < LIMITS; i++)
		limit_start(&run->limits[i], run->started_at, 0);
}

/* A kernel without virtio-serial leaves the ports to us, on the serial line. */
static void
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
		fatal_errno("the command's ports");
	*line = (struct stream){.fd = pair[0], .kind = STREAM_SOCKET};
	shared_line_open(
	    &run->shared, true, pair[1], emulator->in, emulator->far);
	for (int i = 0; i < PORTS; i++)
		emulator->far[i] = -1;
	if (command_port_start(&run->port) < 0)
		fatal_errno("the command's ports");
}

static void
start_dialog(struct run *run)
{
	const char *const argv[] = {
	    "/bin/sh", "-c", run->options->command, NULL};
	struct program *dialog = &run->dialog;
	struct sink *to = &run->output.lines[OUTPUT_SERIAL].sinks[SINK_DIALOG];

	program_start(dialog, argv, NULL, PROGRAM_DIALOG, &run->old_mask);
	to->stream.fd = dialog->master;
	run->input.sources[INPUT_DIALOG].fd = dialog->out;
	dialog->master = dialog->in = dialog->out = -1;
	guard_add(&run->guard, dialog->child.pid);
	if (children_add(&run->rest.spared, dialog->child.pid) < 0)
		fatal_memory();
}

void
run_begin(struct run *run)
{
	open_all(run);
	start_helpers(run);
	start_emulator(run);
	if (run->has_ports)
		start_command(run);
	if (run->options->command != NULL)
		start_dialog(run);
}

void
run_fail(struct run *run, const char *why)
{
	int error = run->emulator.child.error;

	verdict_left(&run->verdict, why);
	if (error != 0 || run->helping)
		run->verdict.cause = CAUSE_START;
	if (error != 0)
		run->verdict.status = error == ENOENT ? 127 : 126;
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
		verdict_stop(&run->verdict, CAUSE_EXIT, port->status, "%s", "");
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
	const char *save = run->options->save;
	struct reason why;

	monitor_end(&run->monitor);
	if (save == NULL || run->verdict.status != 0 || run->monitor.has_saved)
		return;
	reason_set(&why, "%s: the machine ended before it was saved", save);
	verdict_left(&run->verdict, why.text);
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
	if (verdict->status == 0 && run->options->save != NULL)
		state_finish(&run->monitor.saving);
}

void
run_leave(struct run *run)
{
	struct leased_dir *const dirs[] = {
	    &run->monitor.saving.new, &run->dir.lease};
	struct verdict *verdict = &run->verdict;
	struct reason why;

	helpers_end(&run->helpers);
	console_leave(&run->input.console);
	if (run->monitor.ports != NULL && ports_write(NULL, &why) < 0)
		verdict_left(verdict, why.text);
	clients_leave(&run->clients);
	if (run->guard.pid > 0 && children_bury(&run->rest, &why) < 0)
		verdict_left(verdict, why.text);
	/* A state that was saved has another name. */
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		if (dirs[i]->lease >= 0 && leased_dir_remove(dirs[i], &why) < 0)
			verdict_left(verdict, why.text);
	/* It goes while the record is written. */
	guard_dismiss(&run->guard);
}
