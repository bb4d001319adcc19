#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/* Bytes on their way from one descriptor to another. */
struct flow {
	int from, to; /* -1: closed */
	uint64_t total;
	size_t at, end; /* what of the block is still to be written */
	char block[BLOCK];
};

/* The lines of the control port. */
struct control {
	int fd;
	size_t len;
	char text[256];
};

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The end of one side is the end of the other. */
static void
flow_close(struct flow *flow)
{
	close_end(&flow->from);
	close_end(&flow->to);
	flow->at = flow->end = 0;
}

static void
flow_read(struct flow *flow)
{
	ssize_t n = read(flow->from, flow->block, BLOCK);

	if (n > 0) {
		flow->at = 0;
		flow->end = (size_t)n;
	} else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* EIO: nobody has the terminal open any more. */
		flow_close(flow);
	}
}

static void
flow_write(struct flow *flow)
{
	ssize_t n =
	    write(flow->to, flow->block + flow->at, flow->end - flow->at);

	if (n > 0) {
		flow->at += (size_t)n;
		flow->total += (uint64_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		flow_close(flow);
	}
}

/* Two entries of a poll: the side that is read from when there is nothing to
 * write, and the side that is written to, which may hang up at any time. */
static void
flow_arm(const struct flow *flow, struct pollfd poller[2])
{
	bool full = flow->at < flow->end;

	poller[0] =
	    (struct pollfd){.fd = full ? -1 : flow->from, .events = POLLIN};
	poller[1] =
	    (struct pollfd){.fd = flow->to, .events = full ? POLLOUT : 0};
}

static void
flow_turn(struct flow *flow, const struct pollfd poller[2])
{
	if (poller[1].revents & (POLLERR | POLLHUP) && flow->to >= 0)
		flow_close(flow);
	else if (poller[1].revents & POLLOUT)
		flow_write(flow);
	else if (poller[0].revents != 0)
		flow_read(flow);
}

/* Writes what the dead command left in the pipe. */
static void
flow_drain(struct flow *flow)
{
	while (flow->from >= 0) {
		struct pollfd poller[2];

		if (flow->at == flow->end) {
			ssize_t n = read(flow->from, flow->block, BLOCK);

			if (n <= 0)
				return;
			flow->at = 0;
			flow->end = (size_t)n;
		}
		flow_arm(flow, poller);
		if (poll(poller, 2, -1) > 0)
			flow_turn(flow, poller);
	}
}

static char *
next_line(struct control *control, char line[static 256])
{
	char *newline = memchr(control->text, '\n', control->len);

	if (newline == NULL)
		return NULL;
	size_t len = (size_t)(newline - control->text);
	memcpy(line, control->text, len);
	line[len] = '\0';
	control->len -= len + 1;
	memmove(control->text, newline + 1, control->len);
	return line;
}

static ssize_t
control_read(struct control *control)
{
	ssize_t n = read(control->fd, control->text + control->len,
	    sizeof(control->text) - 1 - control->len);

	if (n > 0)
		control->len += (size_t)n;
	return n;
}

static void
obey(const char *line, const struct command *command)
{
	unsigned short rows, columns;
	int number;

	if (sscanf(line, "size %hu %hu", &rows, &columns) == 2)
		command_resize(command, rows, columns);
	else if (sscanf(line, "signal %d", &number) == 1)
		kill(-command->pid, number);
}

int
relay_await_start(const struct ports *ports, struct terminal *terminal)
{
	struct pollfd poller = {.fd = ports->control, .events = POLLIN};
	struct control control = {.fd = ports->control};
	char line[256];

	while (next_line(&control, line) == NULL) {
		if (poll(&poller, 1, -1) > 0 && control_read(&control) == 0)
			return -1;
	}
	*terminal = (struct terminal){.term = "dumb"};
	return sscanf(line, "start %u %hu %hu %63s", &terminal->streams,
		   &terminal->rows, &terminal->columns, terminal->term) >= 3
		   ? 0
		   : -1;
}

/* Reaps whatever ended. Returns whether the command did. */
static bool
reap(const struct command *command, int *wait_status)
{
	bool ended = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == command->pid) {
			*wait_status = status;
			ended = true;
		}
	}
	return ended;
}

void
relay_run(const struct command *command, const struct ports *ports,
    struct ending *ending)
{
	static struct flow in, out, err;
	struct control control = {.fd = ports->control};
	struct signalfd_siginfo info;
	struct pollfd p[8];
	char line[256];
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	int signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);
	in.from = ports->in, in.to = command->in;
	out.from = command->out, out.to = ports->out;
	err.from = command->err, err.to = ports->err;
	while (!reap(command, &ending->wait_status)) {
		flow_arm(&in, p);
		flow_arm(&out, p + 2);
		flow_arm(&err, p + 4);
		p[6] = (struct pollfd){.fd = control.fd, .events = POLLIN};
		p[7] = (struct pollfd){.fd = signals, .events = POLLIN};
		if (poll(p, 8, -1) <= 0)
			continue;
		flow_turn(&in, p);
		flow_turn(&out, p + 2);
		flow_turn(&err, p + 4);
		if (p[6].revents != 0 && control_read(&control) <= 0)
			control.fd = -1;
		while (next_line(&control, line) != NULL)
			obey(line, command);
		if (p[7].revents != 0 && read(signals, &info, sizeof(info)) < 0)
			continue;
	}
	flow_drain(&out);
	flow_drain(&err);
	ending->out = out.total;
	ending->err = err.total;
}
