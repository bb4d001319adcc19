#include "tool.h"

#include "clock.h"
#include "duration.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t most = 300000000000; /* nanoseconds */

/* In the child: becomes the tool. What goes wrong is told through `report`. */
static _Noreturn void
become(const char *tool, const char *image, uint64_t length, pid_t parent,
    int report)
{
	char number[24];
	char *const argv[] = {(char *)(uintptr_t)tool, (char *)(uintptr_t)image,
	    (char[]){"extend"}, (char[]){"--length"}, number, NULL};
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);

	snprintf(number, sizeof(number), "%" PRIu64, length);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    in >= 0 && dup2(in, STDIN_FILENO) >= 0 &&
	    dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
		execv(tool, argv);
	int error = errno;
	(void)!write(report, &error, sizeof(error));
	_exit(127);
}

/* Waits for the child until the deadline. Returns its wait status, or -1 with
 * errno set, ETIME when it had to be killed. */
static int
await(pid_t child, uint64_t limit)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0), status, n = -1;
	struct pollfd poller = {.fd = pidfd, .events = POLLIN};

	uint64_t due = clock_now() + limit;

	if (pidfd >= 0) {
		do {
			n = clock_poll(&poller, 1, due);
		} while (n < 0 && errno == EINTR);
		close(pidfd);
	}
	int error = n == 0 ? ETIME : errno;
	if (n <= 0)
		kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	errno = error;
	return n <= 0 ? -1 : status;
}

static int
judge(const char *tool, int status, uint64_t limit, struct reason *why)
{
	if (status < 0 && errno == ETIME)
		return reason_set(why, "%s: killed: not done within %g s", tool,
		    (double)limit / 1e9);
	if (status < 0)
		return reason_errno(why, "%s", tool);
	if (WIFSIGNALED(status))
		return reason_set(
		    why, "%s: died of signal %d", tool, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return reason_set(
		    why, "%s: exited %d", tool, WEXITSTATUS(status));
	return 0;
}

int
tool_run(const char *tool, const char *image, uint64_t length, double scale,
    struct reason *why)
{
	uint64_t limit = duration_scaled(most, scale);
	int report[2], error = 0;
	pid_t self = getpid();

	if (pipe2(report, O_CLOEXEC) < 0)
		return reason_errno(why, "%s", tool);
	pid_t child = fork();
	if (child == 0)
		become(tool, image, length, self, report[1]);
	close(report[1]);
	if (child < 0) {
		close(report[0]);
		return reason_errno(why, "%s", tool);
	}
	/* The end of the pipe without a word means that exec worked. */
	ssize_t n = read(report[0], &error, sizeof(error));
	close(report[0]);
	int status = await(child, limit);
	if (n == (ssize_t)sizeof(error)) {
		errno = error;
		return reason_errno(why, "%s", tool);
	}
	return judge(tool, status, limit, why);
}
