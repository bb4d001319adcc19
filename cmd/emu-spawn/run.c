#include "run.h"

#include "../fatal.h"
#include "../memory.h"
#include "clock.h"
#include "sweep.h"
#include "trouble.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
note_start(struct run *run)
{
	clock_gettime(CLOCK_REALTIME, &run->start);
	run->started_at = run->ended_at = clock_now();
}

void
run_init(struct run *run, const struct options *options)
{
	*run = (struct run){
	    .options = options,
	    .lease = {.parent = -1, .lease = -1},
	    .guard = {.pipe = -1},
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
	for (int i = 0; i < LIMITS; i++)
		run->limits[i].length = options->limits[i];
	sigprocmask(SIG_SETMASK, NULL, &run->old_mask);
	note_start(run);
}

/* SIGPIPE becomes EPIPE, SIGTTOU nothing; what the caller
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
	run->verdict.waits = words_want_socket(words, 3);
	run->verdict.qmp = options->qmp || run->verdict.waits;
	run->has_ports = words_want_socket(words, PORTS_FD);
}

/* It is not of what is left when the emulator has ended. */
static void
spare(struct run *run, pid_t pid)
{
	if (children_add(&run->rest.spared, pid) < 0)
		fatal_memory();
}

static char *
open_named(const char *name)
{
	struct stat st;

	if (stat(name, &st) < 0)
		fatal_errno(name);
	if (!S_ISDIR(st.st_mode))
		fatal("%s: %s", name, strerror(ENOTDIR));
	/* Else the child would say so, of the whole path. */
	char *path = access(name, X_OK) < 0 ? NULL : realpath(name, NULL);
	if (path == NULL)
		fatal_errno(name);
	return path;
}

/* Chooses the working directory: the one named, else the caller's for a command
 * of the caller's own, else $EMU_SCRATCH, else a fresh one. Nothing is made
 * yet. Returns whether it is a fresh one. */
static bool
choose_directory(struct run *run)
{
	const char *name = run->options->directory;
	const char *scratch = getenv("EMU_SCRATCH");
	struct reason why;
	int result = leased_dir_choose(&run->lease, NULL, "emu-spawn", &why);

	if (name == NULL && run->options->argv != NULL) {
		run->cwd = getcwd(NULL, 0); /* for the record */
		return false;
	}
	if (name == NULL && scratch != NULL && scratch[0] != '\0')
		name = scratch;
	fatal_if(name == NULL && result < 0, &why);
	run->directory = run->cwd =
	    name != NULL ? open_named(name)
			 : memory_format("%s/emulator", run->lease.path);
	return name == NULL;
}

/* Makes the directories, and notes the socket, which is bound later. */
static void
make_directories(struct run *run, bool fresh)
{
	const char *socket = run->options->socket;
	struct leased_dir *lease = &run->lease;
	struct reason why;

	if (lease->path == NULL)
		return;
	if (leased_dir_make(lease, &why) < 0) {
		fatal_if(fresh, &why);
		return;
	}
	if (setenv("EMU_SPAWN", lease->path, 1) < 0)
		fatal_memory();
	if (socket != NULL && sweep_note_socket(lease, socket) < 0)
		fatal_errno(lease->path);
	if (fresh && mkdir(run->cwd, 0700) < 0)
		fatal_errno(run->cwd);
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
	bool fresh = choose_directory(run);
	output_open(&run->output, options, run->has_ports);
	if (options->save != NULL)
		state_choose(&run->monitor.saving, options->save);
	console_enter(&run->input.console);
	guard_open(&run->guard,
	    (struct leased_dir *[GUARD_DIRS]){
		&run->lease, &run->monitor.saving.new},
	    &run->input.console);
	spare(run, run->guard.pid);
	make_directories(run, fresh);
	if (options->socket != NULL)
		clients_open(&run->clients, options->socket);
}

static void
start_helpers(struct run *run)
{
	struct helpers *helpers = &run->helpers;

	helpers->directory = run->directory;
	helpers->lease = &run->lease;
	helpers->guard = &run->guard;
	helpers->mask = &run->old_mask;
	helpers->patience = run->options->patience;
	run->helping = true;
	helpers_start(helpers);
	run->helping = false;
}

/* Returns the words with what makes QEMU wait: for a state, or for us to have
 * joined it by QMP, since no event comes before, and a panic would be an exit
 * with status 0. Whoever says -S starts the guest. */
static const char **
waiting_words(struct run *run)
{
	bool load = run->options->load != NULL;
	size_t count = 0;

	run->verdict.held = !load && run->verdict.waits;
	for (; run->words[count] != NULL; count++)
		if (strcmp(run->words[count], "-S") == 0)
			run->verdict.held = false;
	const char **list = memory_got(calloc(count + 3, sizeof(*list)));
	memcpy(list, run->words, count * sizeof(*list));
	if (run->verdict.held)
		list[count] = "-S";
	if (load) {
		list[count] = "-incoming";
		list[count + 1] = "defer";
	}
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
	const char **words = waiting_words(run);

	monitor_open(&run->monitor, run->words, run->directory);
	run->oom_kills = trouble_oom_kills();
	note_start(run);
	program_start(
	    &run->emulator, words, run->directory, has, &run->old_mask);
	free(words);
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
	struct nonblocking *line =
	    &run->output.lines[OUTPUT_SERIAL].sinks[SINK_OUT].stream;
	struct program *emulator = &run->emulator;
	int pair[2];

	run->port.fd = emulator->ports[PORT_CONTROL];
	emulator->ports[PORT_CONTROL] = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
		pair) < 0)
		fatal_errno("the command's ports");
	*line = (struct nonblocking){.fd = pair[0], .kind = NONBLOCKING_SOCKET};
	shared_line_open(
	    &run->shared, true, pair[1], emulator->in, emulator->far);
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
	spare(run, dialog->child.pid);
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
