#include "guard.h"

#include "clock.h"
#include "descriptors.h"
#include "sweep.h"
#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The emulator, -X, and the helpers. */
enum { GROUPS = 40 };

static const uint64_t patience = 1000000000;

/* A message is a process group to kill, a negative one that is gone, or this.
 */
static const pid_t all_is_well = 0;

static void
note(pid_t groups[GROUPS], pid_t message)
{
	for (size_t i = 0; i < GROUPS; i++) {
		if (groups[i] == (message > 0 ? 0 : -message)) {
			groups[i] = message > 0 ? message : 0;
			return;
		}
	}
}

/* Waits for a message. Reaps the sweeper if it ends before, since a run may
 * last for days. Returns the sweeper, or 0 when it is gone. */
static pid_t
reap(pid_t sweeper, int pipe)
{
	struct pollfd fds[] = {{.fd = pipe, .events = POLLIN},
	    {.fd = pidfd_open(sweeper, 0), .events = POLLIN}};

	if (clock_poll(fds, 2, UINT64_MAX) > 0 && fds[1].revents != 0) {
		sweep_end(sweeper, true);
		sweeper = 0;
	}
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	return sweeper;
}

static _Noreturn void
watch(int pipe, struct leased_dir *const dirs[GUARD_DIRS],
    const struct console *console)
{
	pid_t groups[GROUPS] = {0}, message;
	struct reason why;

	pid_t sweeper = sweep_start(dirs, GUARD_DIRS);
	for (;;) {
		if (sweeper > 0)
			sweeper = reap(sweeper, pipe);
		ssize_t n = read(pipe, &message, sizeof(message));
		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(message) || message == all_is_well) {
			sweep_end(sweeper, false);
			_exit(0);
		}
		note(groups, message);
	}
	/* The end of the pipe: it was killed. */
	for (size_t i = 0; i < GROUPS; i++) {
		if (groups[i] != 0)
			kill(-groups[i], SIGKILL);
	}
	if (console->raw)
		tcsetattr(console->fd, TCSANOW, &console->saved);
	for (int i = 0; i < GUARD_DIRS; i++)
		if (dirs[i]->path != NULL)
			sweep_run(dirs[i], &why);
	_exit(0);
}

int
guard_open(struct guard *guard, struct leased_dir *const dirs[GUARD_DIRS],
    const struct console *console)
{
	int ends[2];

	*guard = (struct guard){.pidfd = -1, .pipe = -1};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	guard->pid = fork();
	if (guard->pid == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		setsid();
		prctl(PR_SET_NAME, "emu-spawn-guard");
		const int kept[] = {ends[0], dirs[0]->parent, dirs[1]->parent,
		    console->raw ? console->fd : -1};
		descriptors_keep(kept, sizeof(kept) / sizeof(kept[0]));
		watch(ends[0], dirs, console);
	}
	close(ends[0]);
	guard->pipe = ends[1];
	if (guard->pid > 0)
		guard->pidfd = pidfd_open(guard->pid, 0);
	return guard->pid < 0 ? -1 : 0;
}

void
guard_add(const struct guard *guard, pid_t group)
{
	if (guard->pipe >= 0 && write(guard->pipe, &group, sizeof(group)) < 0)
		return; /* somebody killed it; nothing is lost yet */
}

void
guard_drop(const struct guard *guard, pid_t group)
{
	guard_add(guard, -group);
}

void
guard_dismiss(struct guard *guard)
{
	guard_add(guard, all_is_well);
	if (guard->pipe >= 0)
		close(guard->pipe);
	guard->pipe = -1;
}

void
guard_close(struct guard *guard)
{
	struct pollfd ended = {.fd = guard->pidfd, .events = POLLIN};

	guard_dismiss(guard);
	if (guard->pid <= 0)
		return;
	/* A negative one (valgrind knows no pidfd) is not polled. */
	if (clock_poll(&ended, 1, clock_now() + patience) <= 0)
		kill(guard->pid, SIGKILL);
	waitpid(guard->pid, NULL, 0);
	if (guard->pidfd >= 0)
		close(guard->pidfd);
	guard->pid = 0;
}
