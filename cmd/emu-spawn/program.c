#include "program.h"

#include "../fatal.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum {
	QMP_FD = 3,
	PIPE_BYTES = 1 << 20,
};

const struct program program_none = {.child = {.pidfd = -1},
    .master = -1,
    .slave = -1,
    .in = -1,
    .out = -1,
    .err = -1,
    .qmp = -1,
    .ports = {-1, -1, -1, -1},
    .far = {-1, -1, -1, -1}};

/* cfmakeraw leaves ONLCR, which comes to life when the program turns OPOST on,
 * as QEMU does. */
static int
make_raw(int slave)
{
	struct termios mode;
	struct winsize window = {.ws_row = 24, .ws_col = 80};

	if (tcgetattr(slave, &mode) < 0)
		return -1;
	cfmakeraw(&mode);
	mode.c_oflag = 0;
	mode.c_iflag = 0;
	ioctl(slave, TIOCSWINSZ, &window);
	return tcsetattr(slave, TCSANOW, &mode);
}

/* Opens a pty whose slave passes bytes as they are, before anybody can write to
 * it; the master is non-blocking. */
static void
open_pty(struct program *program)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	program->master = fd;
	if (fd < 0 || grantpt(fd) < 0 || unlockpt(fd) < 0)
		fatal_errno("pty");
	fd = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	program->slave = fd;
	if (fd < 0 || make_raw(fd) < 0)
		fatal_errno("pty");
}

/* A connected pair, ours non-blocking. Returns the program's end. */
static int
open_socket(int *ours)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    fcntl(pair[0], F_SETFL, O_RDWR | O_NONBLOCK) < 0)
		fatal_errno("socketpair");
	*ours = pair[0];
	return pair[1];
}

/* Takes our end of one of the child's pipes. */
static int
take_end(struct child *child, int number)
{
	int fd = child->ends[number];

	child->ends[number] = -1;
	if (fd >= 0 && fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		fatal_errno("pipe");
	return fd;
}

/* Takes our ends of the pipes. */
static void
connect_pipes(struct program *program)
{
	program->in = take_end(&program->child, 0);
	if (program->in < 0)
		program->in = program->master;
	program->out = take_end(&program->child, 1);
	program->err = take_end(&program->child, 2);
	/* A wish: the user's share of pipe memory may be used up. */
	if (program->out >= 0)
		fcntl(program->out, F_SETPIPE_SZ, PIPE_BYTES);
}

void
program_start(struct program *program, const char *const *argv,
    const char *directory, unsigned has, const sigset_t *mask)
{
	struct child_plan child = {
	    .argv = argv,
	    .directory = directory,
	    .fds = {CHILD_READS, CHILD_WRITES, CHILD_WRITES, CHILD_CLOSED},
	    .count = has & PROGRAM_DIALOG  ? STDERR_FILENO
		     : has & PROGRAM_PORTS ? PORTS_FD + PORTS
					   : QMP_FD + 1,
	    .mask = mask,
	    .session = true,
	    .terminal = !(has & (PROGRAM_PIPES | PROGRAM_DIALOG)),
	};
	struct reason why;

	if (!(has & PROGRAM_PIPES)) {
		open_pty(program);
		child.fds[0] = program->slave;
	}
	if (has & PROGRAM_TTY_OUTPUT)
		child.fds[1] = program->slave;
	if (has & PROGRAM_QMP)
		child.fds[QMP_FD] = open_socket(&program->qmp);
	for (int i = 0; i < PORTS && (has & PROGRAM_PORTS); i++)
		child.fds[PORTS_FD + i] = program->far[i] =
		    open_socket(&program->ports[i]);
	fatal_if(child_start(&program->child, &child, &why) < 0, &why);
	connect_pipes(program);
	if (child.fds[QMP_FD] >= 0)
		close(child.fds[QMP_FD]);
}

/* What was written to the master comes to the slave by a worker of the kernel,
 * which poll waits for (n_tty_poll flushes it) and FIONREAD does not. */
bool
program_has_unread(const struct program *program)
{
	int slave = program->slave;
	struct pollfd p = {.fd = slave, .events = POLLIN};
	int unread = 0;

	if (poll(&p, 1, 0) > 0 && (p.revents & POLLIN))
		return true;
	return ioctl(slave, FIONREAD, &unread) == 0 && unread > 0;
}
