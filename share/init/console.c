#include "console.h"

#include "shared_line.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/klog.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

enum { CONSOLE_LEVEL = 8 }; /* syslog(2), SYSLOG_ACTION_CONSOLE_LEVEL */

static void *
carry(void *data)
{
	struct shared_line *line = data;
	struct pollfd fds[SHARED_LINE_POLLED];

	for (;;) {
		shared_line_turn(line);
		shared_line_arm(line, fds);
		poll(fds, SHARED_LINE_POLLED, -1);
	}
	return NULL;
}

/* Opens the console for bytes as they are. */
static int
open_raw(void)
{
	struct termios mode;
	int fd =
	    open("/dev/console", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (tcgetattr(fd, &mode) == 0) {
		cfmakeraw(&mode);
		tcsetattr(fd, TCSANOW, &mode);
	}
	klogctl(CONSOLE_LEVEL, NULL, 1);
	return fd;
}

int
console_open(struct ports *ports)
{
	int *const near[SHARED_LINE_PORTS] = {
	    &ports->in, &ports->out, &ports->err, &ports->control};
	struct shared_line *line = malloc(sizeof(*line));
	int far[SHARED_LINE_PORTS];
	pthread_t thread;
	int fd = line == NULL ? -1 : open_raw();

	if (fd < 0)
		return -1;
	for (int i = 0; i < SHARED_LINE_PORTS; i++) {
		int pair[2];

		if (socketpair(AF_UNIX,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
			pair) < 0)
			return -1;
		*near[i] = pair[0];
		far[i] = pair[1];
	}
	shared_line_open(line, false, fd, fd, far);
	return pthread_create(&thread, NULL, carry, line) == 0 ? 0 : -1;
}
