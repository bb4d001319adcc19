#include "stdio_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int
stdio_guard(void)
{
	int closed = 0;

	/* A message is one write(2), so that those of a pipeline's members do
	 * not run into each other. */
	setvbuf(stderr, NULL, _IOLBF, 0);
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free descriptor is fd: those below are open. */
		if (open("/dev/null", O_RDWR) != fd)
			return -1;
		closed |= 1 << fd;
	}
	return closed;
}

int
stdio_guard_output(struct reason *why)
{
	int closed = stdio_guard();

	if (closed < 0)
		return reason_errno(why, "/dev/null");
	if (closed & 1 << STDOUT_FILENO) {
		errno = EBADF;
		return reason_errno(why, "<stdout>");
	}
	return 0;
}

int
stdio_finish(struct reason *why)
{
	if (ferror(stdout) || fflush(stdout) != 0 || fclose(stdout) != 0)
		return reason_errno(why, "<stdout>");
	return 0;
}

int
stdio_line(const char *line, struct reason *why)
{
	puts(line);
	return stdio_finish(why);
}
