#include "talk.h"

#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
become(
    const char *command, const int ends[2], const sigset_t *mask, pid_t parent)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};

	sigaction(SIGPIPE, &standard, NULL);
	if (setsid() < 0 || dup2(ends[0], STDIN_FILENO) < 0 ||
	    dup2(ends[1], STDOUT_FILENO) < 0 ||
	    sigprocmask(SIG_SETMASK, mask, NULL) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(126);
	if (getppid() != parent)
		raise(SIGKILL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

static int
start(struct talk *talk, const char *command, const sigset_t *mask, int out,
    struct reason *why)
{
	const int ends[2] = {talk->slave, out};
	pid_t parent = getpid();

	talk->pid = fork();
	if (talk->pid == 0)
		become(command, ends, mask, parent);
	if (talk->pid > 0)
		return 0;
	talk->pid = 0;
	return reason_errno(why, "-X");
}

int
talk_open(struct talk *talk, const char *command, const sigset_t *mask,
    struct reason *why)
{
	int out[2], result;

	if (pty_open(&talk->to.stream.fd, &talk->slave) < 0 ||
	    pipe2(out, O_CLOEXEC) < 0)
		return reason_errno(why, "-X");
	talk->from = out[0];
	if (fcntl(out[0], F_SETFL, O_NONBLOCK) < 0)
		result = reason_errno(why, "-X");
	else
		result = start(talk, command, mask, out[1], why);
	close(out[1]);
	return result;
}

int
talk_take(struct talk *talk, struct feed *feed)
{
	char *at;
	size_t space = feed_space(feed, &at);

	if (space == 0)
		return 0;
	ssize_t n = read(talk->from, at, space);
	if (n > 0)
		feed_add(feed, (size_t)n);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return 0;
	int error = errno;
	close(talk->from);
	talk->from = -1;
	errno = error;
	return n == 0 ? 0 : -1;
}

/* What was written to the master comes to the slave by a worker of the kernel,
 * which poll waits for (n_tty_poll flushes it) and FIONREAD does not. */
static bool
has_unread(int slave)
{
	struct pollfd p = {.fd = slave, .events = POLLIN};
	int unread = 0;

	if (poll(&p, 1, 0) > 0 && (p.revents & POLLIN))
		return true;
	return ioctl(slave, FIONREAD, &unread) == 0 && unread > 0;
}

bool
talk_hang_up(struct talk *talk)
{
	if (talk->to.stream.fd < 0)
		return false;
	if (has_unread(talk->slave))
		return true;
	stream_close(&talk->to.stream);
	return false;
}

void
talk_ended(struct talk *talk, int wait_status)
{
	talk->pid = 0;
	talk->status = WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status)
						: WEXITSTATUS(wait_status);
	talk->failed = talk->status != 0;
}

void
talk_signal(const struct talk *talk, int number)
{
	/* It may not have come to have a group. */
	if (talk->pid > 0 && kill(-talk->pid, number) < 0)
		kill(talk->pid, number);
}

void
talk_close(struct talk *talk)
{
	stream_close(&talk->to.stream);
	if (talk->from >= 0)
		close(talk->from);
	if (talk->slave >= 0)
		close(talk->slave);
	talk->from = talk->slave = -1;
}
