/* Two halves, each a subreaper, so that one of them is always there to clean
 * up.
 *
 *     caller
 *       front      in the caller's process group; the caller waits for it
 *         keeper   alone in a process group, of the same session
 *           command, back in the caller's group: it may read the terminal, and
 *             ^C and ^Z reach it and the front together, as they should
 *
 *   who dies by SIGKILL        who learns how        who ends and removes
 *   (nobody)                                         keeper, then it exits
 *   command                    keeper, waitpid       keeper, in haste
 *   front                      keeper, pidfd         keeper, in haste
 *   keeper                     front, waitpid; what  front, in haste
 *                              was below is its own
 *   front, the group (with     keeper, pidfd         keeper, in haste
 *   the command)
 *   keeper while it removes    front, waitpid        front: it opens the
 *                                                    directory by its name
 *   front while the keeper     keeper, pidfd         keeper: its limit gets
 *   ends or removes                                  shorter, it goes on
 *   front before the keeper    nobody                there is no directory
 *   is born
 *   keeper before mkdir        front, waitpid        front; finds nothing
 *   the group before the       nobody                there is no directory:
 *   keeper has left it                               it is made after that
 *   both, the later one be-    nobody                the next run: directory
 *   fore it is done                                  and processes (sweep.c)
 *
 * There is never a second remover: the front acts only when the keeper is dead,
 * the next run only when it gets the lease, which the keeper holds and which
 * the front takes. A child that forks twice or calls setsid(2) is adopted by
 * the keeper, or when that is gone by the front: nothing below gets away. A
 * front that was stopped (^Z) acts when it is continued.
 *
 * Where no shell with job control waits for the group, the terminal's ^Z would
 * do nothing: the kernel lets an orphaned group not be stopped. With its
 * parent, the keeper, in another group of the session the command is no orphan,
 * so the keeper continues it at once. */
#include "run.h"

#include "../fatal.h"
#include "child.h"
#include "clock.h"
#include "descriptors.h"
#include "duration.h"
#include "sweep.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* How long what is left may take from SIGTERM to its end, in nanoseconds.
 * Orderly: longer than emu-spawn takes by default (-k, 5 s), so that its record
 * gets written. After a SIGKILL of one of us: little, all is to be gone within
 * 200 ms. While it ends, children come up without a SIGCHLD (when their parent
 * was not ours), so look at every tick. */
static const uint64_t orderly = 6000000000, haste = 100000000, tick = 5000000;

/* Puts the limit at most this far away, in nanoseconds. */
static void
hurry(struct run *run, uint64_t patience)
{
	uint64_t limit = clock_now() + patience;

	if (limit < run->ending.kill_at)
		run->ending.kill_at = limit;
}

static void
command_ended(struct run *run, int status)
{
	run->command = 0;
	run->status = status;
	/* Who kills the command with SIGKILL wants it all gone. */
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	hurry(run, killed ? haste : run->patience);
}

/* Collects the dead. Returns whether any child lives. */
static bool
reap(struct run *run)
{
	int status, flags = run->resume != 0 ? WUNTRACED : 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | flags)) > 0) {
		if (WIFSTOPPED(status)) {
			if (WSTOPSIG(status) == SIGTSTP)
				kill(-run->resume, SIGCONT);
			continue;
		}
		children_drop(&run->ending.spared, pid);
		children_drop(&run->ending.asked, pid);
		if (pid == run->command)
			command_ended(run, status);
	}
	return pid == 0;
}

/* Whether the process is the command, or was started by it and is in its group,
 * as is everything in between. */
static bool
is_of_command(const struct run *run, pid_t pid)
{
	while (pid > 0 && pid != run->command && getpgid(pid) == run->group)
		pid = children_parent(pid);
	return pid > 0 && pid == run->command;
}

/* Sends a signal to the command and to what it runs, as a terminal does: a
 * shell heeds no SIGINT before the program that it waits for has ended, and one
 * that has ended tells nobody what it was sent. */
static void
signal_command(struct run *run, int signal)
{
	struct children below = {0};
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc != NULL && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid != run->command && is_of_command(run, pid))
			children_add(&below, pid);
	}
	if (proc != NULL)
		closedir(proc);
	children_ask(run->command, signal);
	for (size_t i = 0; i < below.count; i++) {
		children_ask(below.list[i], signal);
		/* Who is asked twice to end takes no time for it. */
		if (signal == SIGTERM)
			children_add(&run->ending.asked, below.list[i]);
	}
	children_free(&below);
}

static void
take_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (signal == SIGCHLD || run->command == 0)
			continue;
		signal_command(run, signal);
		if (run->stop == 0)
			run->stop = signal;
		hurry(run, run->patience);
	}
}

static void
wait_for_news(struct run *run)
{
	struct pollfd fds[] = {
	    {.fd = run->signals, .events = POLLIN},
	    {.fd = run->front, .events = POLLIN},
	};
	uint64_t now = clock_now(), due = now + tick;

	if (run->command != 0 && run->ending.kill_at > now)
		due = run->ending.kill_at;
	if (clock_poll(fds, 2, due) < 0)
		return;
	if (fds[0].revents != 0)
		take_signals(run);
	if (fds[1].revents != 0) {
		run->front = -1;
		hurry(run, haste);
		if (run->command != 0)
			children_ask(run->command, SIGTERM);
	}
}

/* Waits until the command has ended, of itself or because one of the signals,
 * sent on to it, or the death of the front asked for it; then ends whatever is
 * left. Returns 0 when nothing is left, or -1 with the reason. */
static int
await_all(struct run *run, struct reason *why)
{
	struct children_ending *ending = &run->ending;

	for (;;) {
		pid_t some = 0;

		bool alive = reap(run);
		if (!alive && run->command == 0)
			return 0;
		if (run->command == 0 || clock_now() >= ending->kill_at) {
			int n = children_end(ending, false, &some);

			/* An empty list is the truth only when some child is
			 * spared: else waitpid knows of one that it missed. */
			if (n == 0 && ending->spared.count > 0)
				return 0;
			if (children_too_late(ending, some, why))
				return -1;
		}
		wait_for_news(run);
	}
}

/* Back in the caller's group, with what the caller gave. Returns 0, or the
 * status with the reason. */
static int
start_command(const struct run *run, struct child *command, struct reason *why)
{
	struct child_plan plan = {.argv = run->argv,
	    .count = 3,
	    .mask = &run->mask,
	    .group = run->group,
	    .survives = true,
	    .transparent = true};

	for (int fd = 0; fd <= 2; fd++)
		plan.fds[fd] = run->closed & 1 << fd ? CHILD_CLOSED : fd;
	if (setenv("EMU_SCRATCH", run->dir.path, 1) < 0) {
		reason_errno(why, "EMU_SCRATCH");
		return 125;
	}
	if (child_start(command, &plan, why) == 0)
		return 0;
	if (command->error == 0)
		return 125;
	return command->error == ENOENT ? 127 : 126;
}

enum { KEPT = 4 };

/* Lets go of what the command was given, so that a pipe ends when it closes it;
 * stderr stays, for messages. */
static void
let_go(const int kept[KEPT])
{
	int all[KEPT + 3] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
	}
	memcpy(all + 3, kept, KEPT * sizeof(kept[0]));
	descriptors_keep(all, KEPT + 3);
}

static int
status_of(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return 128 + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

/* Ends what is left, then removes or keeps the directory. What fails here turns
 * a success into a failure, but hides no status of the command's. */
static int
finish(struct run *run)
{
	struct reason why = {""};
	bool failed = await_all(run, &why) < 0;

	if (failed)
		warnx("%s", why.text);
	if (run->keep) {
		warnx("kept %s", run->dir.path);
	} else if (leased_dir_remove(&run->dir, &why) < 0) {
		warnx("%s", why.text);
		failed = true;
	}
	int status = run->stop != 0 ? 128 + run->stop : status_of(run->status);
	return status == 0 && failed ? 125 : status;
}

int
run_keep(struct run *run)
{
	struct child command = {0};
	struct reason why = {""};

	/* Out of the caller's group, so that what kills it does not kill the
	 * keeper. */
	if (setpgid(0, 0) < 0)
		fatal_errno("setpgid");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		fatal_errno("subreaper");
	fatal_if(leased_dir_make(&run->dir, &why) < 0, &why);
	/* What the front had is not ours. */
	run->ending.spared.count = 0;
	run->resume = run->job ? 0 : run->group;
	run->patience = duration_scaled(orderly, run->scale);
	int failed = start_command(run, &command, &why);
	if (failed != 0)
		warnx("%s", why.text);
	run->command = failed == 0 ? command.pid : 0;
	run->status = failed << 8;
	let_go((const int[]){
	    run->dir.parent, run->signals, run->front, run->dir.lease});
	return finish(run);
}

/* Sends on what the front was sent. The terminal sends ^C and ^\ to the command
 * as well, and the command may go on: an interpreter, a debugger. */
static void
send_on(struct run *run, pid_t to)
{
	struct signalfd_siginfo info;

	if (read(run->signals, &info, sizeof(info)) != sizeof(info))
		return;
	int signal = (int)info.ssi_signo;
	if (signal == SIGCHLD)
		return;
	bool terminal = info.ssi_code == SI_KERNEL;
	if (signal == SIGINT)
		run->interrupted = true;
	if (!terminal || (signal != SIGINT && signal != SIGQUIT))
		kill(to, signal);
}

/* Waits for a child of the front, and for the sweeper when it ends before.
 * Returns 0, or -1 when there is no such child. */
static int
follow(struct run *run, pid_t child, int *status)
{
	struct pollfd signals = {.fd = run->signals, .events = POLLIN};
	pid_t pid;

	while ((pid = waitpid(child, status, WNOHANG)) == 0) {
		clock_poll(&signals, 1, UINT64_MAX);
		send_on(run, child);
		if (run->sweeper > 0 &&
		    waitpid(run->sweeper, NULL, WNOHANG) == run->sweeper) {
			children_drop(&run->ending.spared, run->sweeper);
			run->sweeper = 0;
		}
	}
	return pid < 0 ? -1 : 0;
}

/* The keeper may end before the front has looked at what both were sent. */
static void
look_for_interrupt(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == sizeof(info))
		run->interrupted |= info.ssi_signo == SIGINT;
}

/* The keeper's work, when it was killed: by its status, so is the command. */
static int
take_over(struct run *run, pid_t keeper, int status)
{
	warnx("process %d, which watched over %s, was killed (%s)", (int)keeper,
	    run->argv[0], strsignal(WTERMSIG(status)));
	run->front = -1;
	run->status = status;
	run->patience = haste;
	hurry(run, haste);
	return finish(run);
}

/* Starts what sweeps, beside the command, so that this starts at once whatever
 * others left. */
static void
start_sweeper(struct run *run)
{
	run->sweeper = sweep_start((struct leased_dir *[]){&run->dir}, 1);
	if (run->sweeper > 0 &&
	    children_add(&run->ending.spared, run->sweeper) < 0) {
		children_dismiss(run->sweeper, 0);
		run->sweeper = 0;
	}
}

/* Who runs true(1) has come for the sweep. Others leave the rest to the next
 * run. */
static void
end_sweeper(struct run *run, bool hurry)
{
	int status;

	/* What took over may have waited for it. */
	if (!children_has(&run->ending.spared, run->sweeper))
		return;
	if (hurry || strcmp(run->argv[0], "true") != 0)
		children_dismiss(run->sweeper, hurry ? 0 : SWEEP_PATIENCE);
	else
		follow(run, run->sweeper, &status);
}

int
run_front(struct run *run, pid_t keeper)
{
	int status = 0;

	let_go((const int[]){run->dir.parent, run->signals, -1, -1});
	start_sweeper(run);
	if (follow(run, keeper, &status) < 0) {
		warn("process %d", (int)keeper);
		return 125;
	}
	look_for_interrupt(run);
	int result = WIFEXITED(status) ? WEXITSTATUS(status)
				       : take_over(run, keeper, status);
	end_sweeper(run, result > 128 || run->interrupted);
	return run->interrupted ? -SIGINT : result;
}
