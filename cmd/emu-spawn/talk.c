#include "talk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void
become(
    const char *command, const int ends[2], const sigset_t *mask, pid_t parent)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};

	sigaction(SIGPIPE, &standard, NULL);
	if (setpgid(0, 0) < 0 || dup2(ends[0], STDIN_FILENO) < 0 ||
	    dup2(ends[1], STDOUT_FILENO) < 0 ||
	    sigprocmask(SIG_SETMASK, mask, NULL) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(126);
	if (getppid() != parent)
		raise(SIGKILL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Its stdin and stdout are pipes: in[1] and out[0] are ours. */
static int
start(struct talk *talk, const char *command, const sigset_t *mask,
    const int in[2], const int out[2], struct reason *why)
{
	const int ends[2] = {in[0], out[1]};
	pid_t parent = getpid();

	if (fcntl(in[1], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(out[0], F_SETFL, O_NONBLOCK) < 0)
		return reason_errno(why, "-X");
	talk->pid = fork();
	if (talk->pid == 0)
		become(command, ends, mask, parent);
	if (talk->pid < 0) {
		talk->pid = 0;
		return reason_errno(why, "-X");
	}
	setpgid(talk->pid, talk->pid);
	return 0;
}

int
talk_open(struct talk *talk, const char *command, const sigset_t *mask,
    struct reason *why)
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, result = -1;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		reason_errno(why, "-X");
	else
		result = start(talk, command, mask, in, out, why);
	/* talk_close closes ours. */
	talk->to.stream = (struct stream){.fd = in[1], .kind = STREAM_PLAIN};
	talk->from = out[0];
	if (in[0] >= 0)
		close(in[0]);
	if (out[1] >= 0)
		close(out[1]);
	return result;
}

void
talk_take(struct talk *talk, struct feed *feed)
{
	char *at;
	size_t space = feed_space(feed, &at);

	if (space == 0)
		return;
	ssize_t n = read(talk->from, at, space);
	if (n > 0) {
		feed_add(feed, (size_t)n);
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(talk->from);
		talk->from = -1;
	}
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
	if (talk->pid > 0)
		kill(-talk->pid, number);
}

void
talk_close(struct talk *talk)
{
	stream_close(&talk->to.stream);
	if (talk->from >= 0)
		close(talk->from);
	talk->from = -1;
}
