#include "stdio_guard.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef __GLIBC__
#undef stderr
#endif

enum { MOMENT = 1000 }; /* milliseconds */

/* Nobody reads stderr: from here on it is /dev/null. */
static void
give_up(void)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDERR_FILENO);
	close(null);
}

/* Writes a message. A pipe takes PIPE_BUF bytes without waiting when poll(2)
 * says that it takes any. */
static ssize_t
write_message(void *cookie, const char *bytes, size_t len)
{
	struct pollfd poller = {.fd = STDERR_FILENO, .events = POLLOUT};
	size_t done = 0;

	(void)cookie;
	while (done < len) {
		size_t n = len - done < PIPE_BUF ? len - done : PIPE_BUF;

		if (poll(&poller, 1, MOMENT) == 0) {
			/* Whoever stops a terminal goes on later. */
			if (!isatty(STDERR_FILENO))
				give_up();
			return (ssize_t)len;
		}
		ssize_t r = write(STDERR_FILENO, bytes + done, n);
		if (r < 0 && errno != EINTR && errno != EAGAIN)
			break;
		if (r > 0)
			done += (size_t)r;
	}
	return (ssize_t)done;
}

/* A stream for messages. A message is one write(2), so that those of a
 * pipeline's members do not run into each other, and no message is worth a
 * hang. */
static FILE *
open_messages(void)
{
	const cookie_io_functions_t functions = {.write = write_message};
	FILE *messages = fopencookie(NULL, "w", functions);

	if (messages == NULL)
		messages = stderr;
	setvbuf(messages, NULL, _IOLBF, 0);
	return messages;
}

#ifndef __GLIBC__
FILE *
stdio_messages(void)
{
	return open_messages();
}

/* A message of err.h, whose functions here take the place of musl's. */
static void
say(int error, const char *format, va_list ap)
{
	struct reason why;
	char line[NAME_MAX + 2 * sizeof(why.text)];

	reason_vset(&why, format, ap);
	int n = snprintf(line, sizeof(line), "%s: %s%s%s\n",
	    program_invocation_short_name, why.text, error == 0 ? "" : ": ",
	    error == 0 ? "" : strerror(error));
	write_message(NULL, line, (size_t)n);
}

void
warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(errno, format, ap);
	va_end(ap);
}

void
warnx(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(0, format, ap);
	va_end(ap);
}

void
err(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(errno, format, ap);
	va_end(ap);
	exit(status);
}

void
errx(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say(0, format, ap);
	va_end(ap);
	exit(status);
}
#endif

int
stdio_guard(void)
{
	int closed = 0;

#ifdef __GLIBC__
	stderr = open_messages();
#endif
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		/* The lowest free descriptor is fd: those below are open.
		 * Writing to a stdout that was closed remains an error. */
		int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
		if (open("/dev/null", mode) != fd)
			return -1;
		closed |= 1 << fd;
	}
	return closed;
}

int
stdio_guard_output(struct reason *why)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	int closed = stdio_guard();

	sigaction(SIGXFSZ, &ignore, NULL);
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
