#include "pty.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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

int
pty_open(int *master, int *slave)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -1;
	*master = fd;
	if (grantpt(fd) < 0 || unlockpt(fd) < 0)
		return -1;
	fd = ioctl(*master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	*slave = fd;
	return make_raw(fd);
}

/* What was written to the master comes to the slave by a worker of the kernel,
 * which poll waits for (n_tty_poll flushes it) and FIONREAD does not. */
bool
pty_has_unread(int slave)
{
	struct pollfd p = {.fd = slave, .events = POLLIN};
	int unread = 0;

	if (poll(&p, 1, 0) > 0 && (p.revents & POLLIN))
		return true;
	return ioctl(slave, FIONREAD, &unread) == 0 && unread > 0;
}
