#include "family.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* What SIGKILL does not end in this time (another user's process, one that
 * hangs in the kernel) is reported and left. */
static const uint64_t give_up = 3000000000;

/* While ending, children come up without a SIGCHLD (when their parent was not
 * ours), so look this often. */
static const uint64_t tick = 5000000;

void
family_hurry(struct family *family, uint64_t patience)
{
	uint64_t limit = clock_now() + patience;

	if (family->limit == 0 || limit < family->limit)
		family->limit = limit;
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
		pids_drop(family->spared, pid);
		pids_drop(&family->asked, pid);
		if (pid == family->command)
			command_ended(family, status);
	}
	return pid == 0;
}

/* A stopped process heeds a signal only when it goes on. */
static void
ask(pid_t pid, int signal)
{
	if (kill(pid, signal) == 0)
		kill(pid, SIGCONT);
}

static void
take_signals(struct family *family)
{
	struct signalfd_siginfo info;

	while (read(family->signals, &info, sizeof(info)) == sizeof(info)) {
		int signal = (int)info.ssi_signo;

		if (signal == SIGCHLD || family->command == 0)
			continue;
		ask(family->command, signal);
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
	uint64_t time = clock_now(), due = time + tick;

	if (family->command != 0 && family->limit == 0)
		due = UINT64_MAX;
	else if (family->command != 0 && family->limit > time)
		due = family->limit;
	if (clock_poll(fds, 2, due) < 0)
		return;
	if (fds[0].revents != 0)
		take_signals(family);
	if (fds[1].revents != 0) {
		family->other = -1;
		family_hurry(family, family_haste);
		if (family->command != 0)
			ask(family->command, SIGTERM);
	}
}

/* Sends what is due to every child that is not spared: SIGKILL past the limit;
 * else, once the command has ended, SIGTERM, once to each. Only to children:
 * what is below them is theirs to end, and becomes ours when they die. Stores
 * one of them in *some. Returns how many there are, -1 when that is unknown. */
static int
end_children(struct family *family, pid_t *some)
{
	struct pids children = {0};
	bool late = clock_now() >= family->limit;
	int count = 0;

	if (children_list(&children) < 0)
		count = -1;
	for (size_t i = 0; i < children.count; i++) {
		pid_t pid = children.list[i];

		if (pids_has(family->spared, pid))
			continue;
		*some = pid;
		count += count >= 0;
		if (late) {
			kill(pid, SIGKILL);
		} else if (!pids_has(&family->asked, pid) &&
			   pids_add(&family->asked, pid) == 0) {
			ask(pid, SIGTERM);
		}
	}
	pids_free(&children);
	return count;
}

static int
still_running(pid_t pid, struct reason *why)
{
	char path[48], name[64] = "?";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		ssize_t n = read(fd, name, sizeof(name) - 1);

		if (n > 0)
			name[n] = '\0';
		name[strcspn(name, "\n")] = '\0';
		close(fd);
	}
	return reason_set(why, "process %d (%s) does not end", (int)pid, name);
}

int
family_watch(struct family *family, struct reason *why)
{
	int result = 0;

	for (;;) {
		pid_t some = 0;

		bool alive = reap(family);
		if (!alive && family->command == 0)
			break;
		bool late = family->limit != 0 && clock_now() >= family->limit;
		if (family->command == 0 || late) {
			int n = end_children(family, &some);

			/* An empty list is the truth only when some child is
			 * spared: else waitpid knows of one that it missed. */
			if (n == 0 && family->spared->count > 0)
				break;
			if (late && clock_now() >= family->limit + give_up) {
				result = still_running(some, why);
				break;
			}
		}
		wait_for_news(family);
	}
	pids_free(&family->asked);
	return result;
}
