#include "family.h"

#include "clock.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* While ending, children come up without a SIGCHLD (when their parent was not
 * ours), so look this often. */
static const uint64_t tick = 5000000;

void
family_hurry(struct family *family, uint64_t patience)
{
	uint64_t limit = clock_now() + patience;

	if (limit < family->ending.kill_at)
		family->ending.kill_at = limit;
}

static void
command_ended(struct family *family, int status)
{
	family->command = 0;
	family->status = status;
	/* Who kills the command with SIGKILL wants it all gone. */
	bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	family_hurry(family, killed ? family_haste : family->patience);
}

/* Collects the dead. Returns whether any child lives. */
static bool
reap(struct family *family)
{
	int status, flags = family->resume != 0 ? WUNTRACED : 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | flags)) > 0) {
		if (WIFSTOPPED(status)) {
			if (WSTOPSIG(status) == SIGTSTP)
				kill(-family->resume, SIGCONT);
			continue;
		}
		children_drop(&family->ending.spared, pid);
		children_drop(&family->ending.asked, pid);
		if (pid == family->command)
			command_ended(family, status);
	}
	return pid == 0;
}

static void
take_signals(struct family *family)
{
	struct signalfd_siginfo info;

	while (read(family->signals, &info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (signal == SIGCHLD || family->command == 0)
			continue;
		children_ask(family->command, signal);
		if (family->stop == 0)
			family->stop = signal;
		family_hurry(family, family->patience);
	}
}

static void
wait_for_news(struct family *family)
{
	struct pollfd fds[] = {
	    {.fd = family->signals, .events = POLLIN},
	    {.fd = family->other, .events = POLLIN},
	};
	uint64_t now = clock_now(), due = now + tick;

	if (family->command != 0 && family->ending.kill_at > now)
		due = family->ending.kill_at;
	if (clock_poll(fds, 2, due) < 0)
		return;
	if (fds[0].revents != 0)
		take_signals(family);
	if (fds[1].revents != 0) {
		family->other = -1;
		family_hurry(family, family_haste);
		if (family->command != 0)
			children_ask(family->command, SIGTERM);
	}
}

int
family_watch(struct family *family, struct reason *why)
{
	struct children_ending *ending = &family->ending;

	for (;;) {
		pid_t some = 0;

		bool alive = reap(family);
		if (!alive && family->command == 0)
			return 0;
		if (family->command == 0 || clock_now() >= ending->kill_at) {
			int n = children_end(ending, &some);

			/* An empty list is the truth only when some child is
			 * spared: else waitpid knows of one that it missed. */
			if (n == 0 && ending->spared.count > 0)
				return 0;
			if (children_too_late(ending, some, why))
				return -1;
		}
		wait_for_news(family);
	}
}
