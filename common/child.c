#include "child.h"

#include "clock.h"
#include "path.h"
#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child whose program could not be run tells its parent. */
struct failure {
	const char *what; /* a string of the parent, whose fork it is */
	int error;
};

/* What the child's half needs. */
struct start {
	const struct child_plan *plan;
	const char *program;
	int fds[CHILD_FDS]; /* the child's ends, or CHILD_CLOSED, CHILD_NULL */
	int failures;       /* where a failure is written */
	pid_t parent;
};

static int
die_with_parent(const struct start *start)
{
	if (start->plan->survives)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -1;
	/* The parent may have died before that. */
	if (getppid() != start->parent)
		raise(SIGKILL);
	return 0;
}

static int
join_group(const struct child_plan *plan)
{
	if (plan->session)
		return setsid() < 0 ? -1 : 0;
	return plan->group != 0 ? setpgid(0, plan->group) : 0;
}

/* Moves the descriptors to their numbers. The lower numbers may be taken by
 * each other or by failures, so all of them move above first. Returns NULL, or
 * what failed. */
static const char *
place_descriptors(struct start *start)
{
	static const char *const names[CHILD_FDS] = {"descriptor 0",
	    "descriptor 1", "descriptor 2", "descriptor 3", "descriptor 4",
	    "descriptor 5", "descriptor 6", "descriptor 7"};
	size_t count = start->plan->count;
	int high[CHILD_FDS];

	start->failures = fcntl(start->failures, F_DUPFD_CLOEXEC, CHILD_FDS);
	for (size_t i = 0; i < count; i++) {
		high[i] = start->fds[i];
		if (high[i] == CHILD_NULL)
			high[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (high[i] >= 0)
			high[i] = fcntl(high[i], F_DUPFD_CLOEXEC, CHILD_FDS);
		if (high[i] < 0 && high[i] != CHILD_CLOSED)
			return names[i];
	}
	for (size_t i = 0; i < count; i++) {
		if (high[i] == CHILD_CLOSED)
			close((int)i);
		else if (dup2(high[i], (int)i) < 0)
			return names[i];
	}
	return NULL;
}

static void
reset_signals(const struct child_plan *plan)
{
	static const int numbers[] = {SIGCHLD, SIGPIPE, SIGXFSZ};
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (size_t i = 0;
	     !plan->transparent && i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &standard, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, plan->mask != NULL ? plan->mask : &none, NULL);
}

/* Returns NULL, or what failed. */
static const char *
prepare(struct start *start)
{
	const struct child_plan *plan = start->plan;

	if (die_with_parent(start) < 0)
		return "PR_SET_PDEATHSIG";
	if (join_group(plan) < 0)
		return "process group";
	const char *failed = place_descriptors(start);
	if (failed != NULL)
		return failed;
	if (plan->terminal && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return "controlling terminal";
	if (plan->directory != NULL && chdir(plan->directory) < 0)
		return plan->directory;
	reset_signals(plan);
	return NULL;
}

/* The child's half: it calls nothing that is not safe after the fork of a
 * process that has threads. */
static _Noreturn void
become(struct start *start)
{
	const struct child_plan *plan = start->plan;
	struct failure failure = {.what = prepare(start)};

	if (failure.what == NULL) {
		/* execvp does not change what it is given. */
		execvp(start->program, (char **)(uintptr_t)plan->argv);
		failure.what = plan->argv[0];
	}
	failure.error = errno;
	(void)!write(start->failures, &failure, sizeof(failure));
	_exit(127);
}

static int
open_pipes(
    struct child *child, struct start *start, const struct child_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		bool reads = plan->fds[i] == CHILD_READS;
		int ends[2];

		start->fds[i] = plan->fds[i];
		if (!reads && plan->fds[i] != CHILD_WRITES)
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return -1;
		child->ends[i] = ends[reads];
		start->fds[i] = ends[!reads];
	}
	return 0;
}

static void
close_theirs(const struct child *child, const struct start *start)
{
	for (size_t i = 0; i < CHILD_FDS; i++) {
		if (child->ends[i] >= 0)
			close(start->fds[i]);
	}
}

static void
close_ours(struct child *child)
{
	for (size_t i = 0; i < CHILD_FDS; i++) {
		if (child->ends[i] >= 0)
			close(child->ends[i]);
		child->ends[i] = -1;
	}
	if (child->pidfd >= 0)
		close(child->pidfd);
	child->pidfd = -1;
}

/* Forks, and waits for the exec: the end of the pipe means that it worked.
 * Returns 0, or -1 with errno and *failed, what failed. */
static int
fork_child(struct child *child, struct start *start, const char **failed)
{
	struct failure failure = {.error = 0};
	int pipe[2];
	ssize_t n;

	*failed = "fork";
	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -1;
	start->failures = pipe[1];
	start->parent = getpid();
	child->pid = fork();
	if (child->pid == 0)
		become(start);
	int error = errno;
	close(pipe[1]);
	do {
		n = read(pipe[0], &failure, sizeof(failure));
	} while (n < 0 && errno == EINTR);
	close(pipe[0]);
	errno = error;
	if (child->pid < 0)
		return -1;
	child->pidfd = pidfd_open(child->pid, 0);
	/* valgrind knows no pidfd. */
	if (child->pidfd < 0 && errno != ENOSYS)
		return -1;
	if (n != (ssize_t)sizeof(failure))
		return 0;
	*failed = failure.what;
	errno = failure.error;
	if (failure.what == start->plan->argv[0])
		child->error = failure.error;
	return -1;
}

int
child_start(
    struct child *child, const struct child_plan *plan, struct reason *why)
{
	struct sigaction standard = {.sa_handler = SIG_DFL}, old;
	const char *name = plan->argv[0], *failed = name;
	struct start start = {.plan = plan, .program = name};
	char *absolute = NULL;
	int result = -1;

	*child = (struct child){.pidfd = -1, .leads = plan->session};
	for (size_t i = 0; i < CHILD_FDS; i++)
		child->ends[i] = -1;
	if (sigaction(SIGCHLD, NULL, &old) == 0 && old.sa_handler == SIG_IGN)
		sigaction(SIGCHLD, &standard, NULL);
	if (plan->directory != NULL && strchr(name, '/') != NULL)
		start.program = absolute = path_absolute(NULL, name);
	if (start.program != NULL && open_pipes(child, &start, plan) == 0)
		result = fork_child(child, &start, &failed);
	if (result < 0)
		reason_errno(why, "%s", failed);
	close_theirs(child, &start);
	free(absolute);
	if (result < 0) {
		child_end(child);
		close_ours(child);
	}
	return result;
}

int
child_signal(const struct child *child, int number)
{
	if (child->pid <= 0)
		return 0;
	return kill(child->leads ? -child->pid : child->pid, number);
}

bool
child_await(const struct child *child, uint64_t due)
{
	struct pollfd poller = {.fd = child->pidfd, .events = POLLIN};
	int n;

	do {
		n = clock_poll(&poller, 1, due);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

int
child_end(struct child *child)
{
	int status = -1, flags = 0;

	if (child->pid <= 0)
		return -1;
	/* One that has exited keeps its number until it is reaped. Another
	 * user's may not be killed, and could live for ever. */
	if (child_signal(child, SIGKILL) < 0 && errno == EPERM)
		flags = WNOHANG;
	while (wait4(child->pid, &status, flags, &child->usage) < 0 &&
	       errno == EINTR)
		continue;
	child->pid = 0;
	close_ours(child);
	return status;
}
