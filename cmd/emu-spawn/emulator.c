#include "emulator.h"

#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	QMP_FD = 3,
	PIPE_BYTES = 1 << 20,
};

const struct emulator emulator_none = {.child = {.pidfd = -1},
    .master = -1,
    .slave = -1,
    .in = -1,
    .out = -1,
    .err = -1,
    .qmp = -1,
    .ports = {-1, -1, -1, -1}};

/* A connected pair, ours non-blocking. Returns the emulator's end, or -1. */
static int
open_socket(int *ours)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	*ours = pair[0];
	if (fcntl(pair[0], F_SETFL, O_RDWR | O_NONBLOCK) == 0)
		return pair[1];
	close(pair[1]);
	return -1;
}

static int
open_sockets(struct emulator *emulator, const struct emulator_plan *plan,
    int fds[CHILD_FDS])
{
	if (plan->qmp) {
		fds[QMP_FD] = open_socket(&emulator->qmp);
		if (fds[QMP_FD] < 0)
			return -1;
	}
	for (int i = 0; i < PORTS && plan->ports; i++) {
		fds[EMULATOR_PORTS + i] = open_socket(&emulator->ports[i]);
		if (fds[EMULATOR_PORTS + i] < 0)
			return -1;
	}
	return 0;
}

/* Takes our end of one of the child's pipes. */
static int
take_end(struct child *child, int number)
{
	int fd = child->ends[number];

	child->ends[number] = -1;
	if (fd >= 0)
		fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static int
start(struct emulator *emulator, struct child_plan *child, struct reason *why)
{
	if (child_start(&emulator->child, child, why) < 0)
		return -1;
	emulator->in = take_end(&emulator->child, 0);
	if (emulator->in < 0)
		emulator->in = emulator->master;
	emulator->out = take_end(&emulator->child, 1);
	emulator->err = take_end(&emulator->child, 2);
	/* A wish: the user's share of pipe memory may be used up. */
	if (emulator->out >= 0)
		fcntl(emulator->out, F_SETPIPE_SZ, PIPE_BYTES);
	return 0;
}

int
emulator_start(struct emulator *emulator, const struct emulator_plan *plan,
    struct reason *why)
{
	struct child_plan child = {
	    .argv = (const char *const *)(uintptr_t)plan->argv,
	    .directory = plan->directory,
	    .fds = {CHILD_READS, CHILD_WRITES, CHILD_WRITES, CHILD_CLOSED},
	    .count = plan->ports ? EMULATOR_PORTS + PORTS : QMP_FD + 1,
	    .mask = plan->mask,
	    .session = true,
	    .terminal = !plan->pipes,
	};
	int result = -1;

	*emulator = emulator_none;
	if (!plan->pipes) {
		if (pty_open(&emulator->master, &emulator->slave) < 0)
			return reason_errno(why, "pty");
		child.fds[0] = emulator->slave;
	}
	if (plan->tty_output)
		child.fds[1] = emulator->slave;
	if (open_sockets(emulator, plan, child.fds) < 0)
		reason_errno(why, "socketpair");
	else
		result = start(emulator, &child, why);
	for (size_t i = QMP_FD; i < child.count; i++)
		if (child.fds[i] >= 0)
			close(child.fds[i]);
	return result;
}

void
emulator_close(struct emulator *emulator)
{
	const int fds[] = {emulator->master, emulator->slave, emulator->out,
	    emulator->err, emulator->qmp};

	if (emulator->in >= 0 && emulator->in != emulator->master)
		close(emulator->in);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	for (int i = 0; i < PORTS; i++)
		if (emulator->ports[i] >= 0)
			close(emulator->ports[i]);
	*emulator = emulator_none;
}
