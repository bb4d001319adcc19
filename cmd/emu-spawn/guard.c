#include "guard.h"

#include "../fatal.h"
#include "children.h"
#include "clock.h"
#include "descriptors.h"
#include "sweep.h"
#include "system_calls.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* The emulator, -X, and the helpers; the first place says that all is well. */
enum { ALL_IS_WELL, GROUPS = 40 };

static const uint64_t patience = 1000000000;

/* Waits until we are gone. Reaps the sweeper if it ends before, since a run may
 * last for days. */
static void
await_end(int pipe, pid_t *sweeper)
{
	struct pollfd fds[] = {{.fd = pipe, .events = POLLIN},
	    {.fd = pidfd_open(*sweeper, 0), .events = POLLIN}};

	do {
		clock_poll(fds, 2, UINT64_MAX);
		if (fds[1].revents != 0) {
			children_dismiss(*sweeper, 0);
			*sweeper = 0;
			close(fds[1].fd);
			fds[1] = (struct pollfd){.fd = -1};
		}
	} while (fds[0].revents == 0);
}

/* parent is its pidfd, or -1. */
static _Noreturn void
watch(int pipe, int parent, const pid_t *groups,
    struct leased_dir *const dirs[GUARD_DIRS], const struct console *console)
{
	pid_t sweeper = sweep_start(dirs, GUARD_DIRS);
	struct pollfd dead = {.fd = parent, .events = POLLIN};
	struct reason why;

	await_end(pipe, &sweeper);
	if (groups[ALL_IS_WELL]) {
		children_dismiss(sweeper, SWEEP_PATIENCE);
		_exit(0);
	}
	for (size_t i = 1; i < GROUPS; i++) {
		if (groups[i] != 0)
			kill(-groups[i], SIGKILL);
	}
	/* The pipe may end before the lease of a directory does. */
	if (parent >= 0)
		clock_poll(&dead, 1, UINT64_MAX);
	if (console->raw)
		tcsetattr(console->fd, TCSANOW, &console->saved);
	for (int i = 0; i < GUARD_DIRS; i++)
		if (dirs[i]->path != NULL)
			sweep_run(dirs[i], &why);
	_exit(0);
}

void
guard_open(struct guard *guard, struct leased_dir *const dirs[GUARD_DIRS],
    const struct console *console)
{
	int ends[2];
	void *shared = mmap(NULL, GROUPS * sizeof(*guard->groups),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED || pipe2(ends, O_CLOEXEC) < 0)
		fatal_errno("guard");
	int self = pidfd_open(getpid(), 0);
	guard->pid = fork();
	if (guard->pid < 0)
		fatal_errno("guard");
	if (guard->pid == 0) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		setsid();
		prctl(PR_SET_NAME, "emu-spawn-guard");
		const int kept[] = {ends[0], self, dirs[0]->parent,
		    dirs[1]->parent, console->raw ? console->fd : -1};
		descriptors_keep(kept, sizeof(kept) / sizeof(kept[0]));
		watch(ends[0], self, shared, dirs, console);
	}
	if (self >= 0)
		close(self);
	close(ends[0]);
	guard->pipe = ends[1];
	guard->groups = shared;
}

/* Writes the new number where the old one is. */
static void
replace(const struct guard *guard, pid_t old, pid_t new)
{
	for (size_t i = 1; guard->groups != NULL && i < GROUPS; i++) {
		if (guard->groups[i] == old) {
			guard->groups[i] = new;
			return;
		}
	}
}

void
guard_add(const struct guard *guard, pid_t group)
{
	replace(guard, 0, group);
}

void
guard_drop(const struct guard *guard, pid_t group)
{
	replace(guard, group, 0);
}

void
guard_dismiss(struct guard *guard)
{
	if (guard->groups == NULL)
		return;
	guard->groups[ALL_IS_WELL] = 1;
	guard->groups = NULL;
	close(guard->pipe);
	guard->pipe = -1;
}

void
guard_close(struct guard *guard)
{
	guard_dismiss(guard);
	children_dismiss(guard->pid, patience);
	guard->pid = 0;
}
