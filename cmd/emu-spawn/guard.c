#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
	GROUPS = 4,
	TRIES = 50,
	PAUSE_NS = 2000000,
};

/* A message is a process group to kill, or this. */
static const pid_t all_is_well = -1;

/* Keeps only the descriptors in use. */
static void
close_others(int pipe, int terminal)
{
	int low = pipe < terminal ? pipe : terminal;
	int high = pipe < terminal ? terminal : pipe;

	if (low > 0)
		close_range(0, (unsigned)low - 1, 0);
	if (high - low > 1)
		close_range((unsigned)low + 1, (unsigned)high - 1, 0);
	close_range((unsigned)high + 1, ~0U, 0);
}

static _Noreturn void
watch(int pipe, const struct guard_charge *charge)
{
	const struct console *console = charge->console;
	pid_t groups[GROUPS], group;
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct reason why;
	size_t count = 0;
	ssize_t n;

	while ((n = read(pipe, &group, sizeof(group))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n != (ssize_t)sizeof(group) || group == all_is_well)
			_exit(0);
		if (count < GROUPS)
			groups[count++] = group;
	}
	/* The end of the pipe: it was killed. */
	while (count > 0)
		kill(-groups[--count], SIGKILL);
	if (console->raw)
		tcsetattr(console->fd, TCSANOW, &console->saved);
	clients_unlink(charge->clients);
	/* Those that are dying may still make files there. */
	for (int i = 0; i < TRIES && place_close(charge->place, &why) < 0; i++)
		nanosleep(&pause, NULL);
	_exit(0);
}

int
guard_open(struct guard *guard, const struct guard_charge *charge)
{
	int ends[2];

	*guard = (struct guard){.pipe = -1};
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	guard->pid = fork();
	if (guard->pid == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		setsid();
		prctl(PR_SET_NAME, "emu-spawn-guard");
		close_others(ends[0],
		    charge->console->raw ? charge->console->fd : ends[0]);
		watch(ends[0], charge);
	}
	close(ends[0]);
	guard->pipe = ends[1];
	return guard->pid < 0 ? -1 : 0;
}

void
guard_add(const struct guard *guard, pid_t group)
{
	if (guard->pipe >= 0 && write(guard->pipe, &group, sizeof(group)) < 0)
		return; /* somebody killed it; nothing is lost yet */
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
	guard_dismiss(guard);
	if (guard->pid > 0)
		waitpid(guard->pid, NULL, 0);
	guard->pid = 0;
}
