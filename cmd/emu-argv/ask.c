#include "ask.h"

#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IN, OUT, ERR, EXEC, PIPES };

static int64_t
now_ms(void)
{
	return (int64_t)(clock_now() / 1000000);
}

static void
close_both(int pipe[2])
{
	for (int i = 0; i < 2; i++) {
		if (pipe[i] >= 0)
			close(pipe[i]);
		pipe[i] = -1;
	}
}

/* In the child: never returns. */
static void
become(const struct ask *ask, int pipes[PIPES][2], pid_t parent)
{
	const struct rlimit no_core = {0, 0};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setrlimit(RLIMIT_CORE, &no_core);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
	    dup2(pipes[IN][0], 0) == 0 && dup2(pipes[OUT][1], 1) == 1 &&
	    dup2(pipes[ERR][1], 2) == 2 &&
	    (ask->file < 0 || (ask->file == 3 ? fcntl(3, F_SETFD, 0) == 0
					      : dup2(ask->file, 3) == 3))) {
		char **argv;

		/* execvp's prototype is older than const. */
		memcpy(&argv, &ask->argv, sizeof(argv));
		execvp(argv[0], argv);
	}
	int error = errno;
	(void)!write(pipes[EXEC][1], &error, sizeof(error));
	_exit(127);
}

/* Pipes above the descriptors that the child's take. */
static int
make_pipes(int pipes[PIPES][2])
{
	for (int i = 0; i < PIPES; i++) {
		int low[2];

		if (pipe2(low, O_CLOEXEC) < 0)
			return -1;
		for (int j = 0; j < 2; j++) {
			pipes[i][j] = fcntl(low[j], F_DUPFD_CLOEXEC, 10);
			close(low[j]);
		}
		if (pipes[i][0] < 0 || pipes[i][1] < 0)
			return -1;
	}
	return 0;
}

/* Writes the input before anyone reads: it is short enough for a pipe, and so
 * there is always a reader. */
static int
say(const struct ask *ask, int in[2])
{
	size_t len = ask->input == NULL ? 0 : strlen(ask->input);

	if (len > 0 && write(in[1], ask->input, len) != (ssize_t)len)
		return -1;
	close(in[1]);
	in[1] = -1;
	return 0;
}

static pid_t
start(struct ask *ask, int pipes[PIPES][2])
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -1;
	if (pid == 0)
		become(ask, pipes, parent);
	close(pipes[IN][0]);
	close(pipes[OUT][1]);
	close(pipes[ERR][1]);
	close(pipes[EXEC][1]);
	pipes[IN][0] = pipes[OUT][1] = pipes[ERR][1] = pipes[EXEC][1] = -1;
	if (read(pipes[EXEC][0], &ask->error, sizeof(ask->error)) ==
	    sizeof(ask->error)) {
		waitpid(pid, NULL, 0);
		errno = ask->error;
		return -1;
	}
	return pid;
}

/* Reads what is there. Returns false at the end. */
static bool
drain(int fd, char **text, size_t *len)
{
	char *more = realloc(*text, *len + 65536 + 1);

	if (more == NULL || *len > ASK_BYTES)
		return false;
	*text = more;
	ssize_t n = read(fd, more + *len, 65536);
	if (n > 0)
		*len += (size_t)n;
	more[*len] = '\0';
	return n > 0;
}

/* Follows the child until both its streams have ended or it is late. */
static void
follow(struct ask *ask, int pipes[PIPES][2])
{
	struct pollfd fds[2] = {
	    {.fd = pipes[OUT][0], .events = POLLIN},
	    {.fd = pipes[ERR][0], .events = POLLIN},
	};
	int64_t end = now_ms() + ask->first_ms;
	size_t err_len = 0;

	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		int64_t left = end - now_ms();
		int n = left > 0 ? poll(fds, 2, (int)left) : 0;

		if (n < 0)
			continue; /* a signal */
		if (n == 0) {
			ask->end = ask->out_len == 0 ? ASK_SILENT : ASK_SLOW;
			return;
		}
		bool first = ask->out_len == 0;
		if (fds[0].revents != 0 &&
		    !drain(fds[0].fd, &ask->out, &ask->out_len))
			fds[0].fd = -1;
		if (fds[1].revents != 0 &&
		    !drain(fds[1].fd, &ask->err, &err_len))
			fds[1].fd = -1;
		if (first && ask->out_len > 0)
			end = now_ms() + ask->rest_ms;
	}
	ask->end = ASK_DONE;
}

/* One that is not late has ended its streams, and has a moment to end itself,
 * for its status' sake. */
static void
reap(struct ask *ask, pid_t pid)
{
	const struct timespec moment = {0, 1000000};

	for (int i = 0; ask->end == ASK_DONE && i < 1000; i++) {
		if (waitpid(pid, &ask->status, WNOHANG) == pid)
			return;
		nanosleep(&moment, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &ask->status, 0);
}

void
ask_run(struct ask *ask)
{
	int pipes[PIPES][2] = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
	pid_t pid = -1;

	ask->end = ASK_FAILED;
	ask->out_len = 0;
	ask->out = calloc(1, 1);
	ask->err = calloc(1, 1);
	if (ask->out != NULL && ask->err != NULL && make_pipes(pipes) == 0 &&
	    say(ask, pipes[IN]) == 0)
		pid = start(ask, pipes);
	ask->error = errno;
	if (pid >= 0) {
		follow(ask, pipes);
		reap(ask, pid);
	}
	for (int i = 0; i < PIPES; i++)
		close_both(pipes[i]);
}

const char *
ask_complaint(struct ask *ask)
{
	char *rest = ask->err, *line;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] != '\0' && strstr(line, "warning: ") == NULL)
			return line;
	}
	return "";
}
