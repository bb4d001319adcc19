#include "child.h"

#include "path.h"
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	QMP_FD = 3,
	PIPE_BYTES = 1 << 20,
};

/* The child's ends, and what it needs to start. */
struct start {
	int fds[4]; /* stdin, stdout, stderr, QMP or -1 */
	int report; /* errno of a failed exec goes here */
	char *path;
	pid_t parent;
};

static const struct child no_child = {
    .master = -1, .slave = -1, .in = -1, .out = -1, .err = -1, .qmp = -1};

/* Makes a pipe; ours is made non-blocking. */
static int
open_pipe(int *ours, int *theirs, bool write_end, struct reason *why)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return reason_errno(why, "pipe");
	*ours = ends[write_end];
	*theirs = ends[!write_end];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return reason_errno(why, "pipe");
	return 0;
}

static int
open_ends(struct child *child, struct start *start,
    const struct child_plan *plan, struct reason *why)
{
	if (open_pipe(&child->err, &start->fds[2], false, why) < 0)
		return -1;
	if (!plan->pipes && pty_open(&child->master, &child->slave) < 0)
		return reason_errno(why, "pty");
	if (plan->pipes) {
		if (open_pipe(&child->in, &start->fds[0], true, why) < 0)
			return -1;
	} else {
		child->in = child->master;
		start->fds[0] = child->slave;
	}
	if (plan->tty_output) {
		start->fds[1] = child->slave;
	} else {
		if (open_pipe(&child->out, &start->fds[1], false, why) < 0)
			return -1;
		/* A wish: the user's share of pipe memory may be used up. */
		fcntl(child->out, F_SETPIPE_SZ, PIPE_BYTES);
	}
	if (plan->qmp) {
		int pair[2];

		if (socketpair(AF_UNIX,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
			pair) < 0)
			return reason_errno(why, "socketpair");
		child->qmp = pair[0];
		start->fds[3] = pair[1];
		/* QEMU wants to decide by itself. */
		if (fcntl(pair[1], F_SETFL, 0) < 0)
			return reason_errno(why, "socketpair");
	}
	return 0;
}

/* Puts the descriptors in place. The lower ones may be taken by each other
 * (our own 0 to 2 are open, but 3 may be one of ours). */
static int
place(const struct start *start)
{
	int high[4];

	for (int i = 0; i < 4; i++) {
		high[i] = start->fds[i];
		if (high[i] < 0 || high[i] > QMP_FD)
			continue;
		high[i] = fcntl(high[i], F_DUPFD_CLOEXEC, QMP_FD + 1);
		if (high[i] < 0)
			return -1;
	}
	for (int i = 0; i < 4; i++)
		if (high[i] >= 0 && dup2(high[i], i) < 0)
			return -1;
	return 0;
}

static int
enter(const struct child_plan *plan, const struct start *start)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};

	if (setsid() < 0)
		return -1;
	if (!plan->pipes && ioctl(start->fds[0], TIOCSCTTY, 0) < 0)
		return -1;
	if (place(start) < 0 || chdir(plan->directory) < 0)
		return -1;
	sigaction(SIGPIPE, &standard, NULL);
	if (sigprocmask(SIG_SETMASK, &plan->mask, NULL) < 0)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	/* We may have died before that. */
	if (getppid() != start->parent)
		raise(SIGKILL);
	return 0;
}

static _Noreturn void
become(const struct child_plan *plan, struct start *start)
{
	/* The report must not be where a descriptor goes. */
	if (start->report <= QMP_FD)
		start->report =
		    fcntl(start->report, F_DUPFD_CLOEXEC, QMP_FD + 1);
	if (enter(plan, start) == 0)
		execvp(start->path, plan->argv);
	int error = errno;
	if (write(start->report, &error, sizeof(error)) < 0)
		_exit(125);
	_exit(127);
}

/* Reads what became of the exec: the end of file means that it worked. */
static int
read_report(int fd)
{
	int error = 0;
	ssize_t n;

	do {
		n = read(fd, &error, sizeof(error));
	} while (n < 0 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static int
fork_child(struct child *child, struct start *start,
    const struct child_plan *plan, int *error, struct reason *why)
{
	int report[2];

	if (pipe2(report, O_CLOEXEC) < 0)
		return reason_errno(why, "pipe");
	start->report = report[1];
	start->parent = getpid();
	child->pid = fork();
	if (child->pid == 0)
		become(plan, start);
	close(report[1]);
	if (child->pid < 0) {
		child->pid = 0;
		reason_errno(why, "fork");
		close(report[0]);
		return -1;
	}
	*error = read_report(report[0]);
	close(report[0]);
	if (*error == 0)
		return 0;
	waitpid(child->pid, NULL, 0);
	child->pid = 0;
	errno = *error;
	return reason_errno(why, "%s", plan->argv[0]);
}

int
child_start(struct child *child, const struct child_plan *plan, int *error,
    struct reason *why)
{
	struct start start = {.fds = {-1, -1, -1, -1}};
	int result = -1;

	*child = no_child;
	*error = 0;
	/* A relative name is meant from here, not from where it will run. */
	start.path = strchr(plan->argv[0], '/') != NULL
			 ? path_absolute(NULL, plan->argv[0])
			 : strdup(plan->argv[0]);
	if (start.path == NULL)
		reason_errno(why, "%s", plan->argv[0]);
	else if (open_ends(child, &start, plan, why) == 0)
		result = fork_child(child, &start, plan, error, why);
	for (int i = 0; i < 4; i++)
		if (start.fds[i] >= 0 && start.fds[i] != child->slave)
			close(start.fds[i]);
	free(start.path);
	return result;
}

void
child_signal(const struct child *child, int number)
{
	if (child->pid > 0)
		kill(-child->pid, number);
}

void
child_close(struct child *child)
{
	const int fds[] = {
	    child->master, child->slave, child->out, child->err, child->qmp};

	if (child->in >= 0 && child->in != child->master)
		close(child->in);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*child = no_child;
}
