#include "pty.h"

#include <fcntl.h>
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
