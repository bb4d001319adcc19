#include "stdio_guard.h"

#include "nonblocking.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/param.h>
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

/* Whether the other end takes something, if need be after a moment. Whoever
 * stops a terminal may go on later: it is asked again, but not waited for when
 * it was *stuck before. */
static bool
is_taken(int fd, bool *stuck)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	*stuck = poll(&poller, 1, *stuck ? 0 : MOMENT) == 0;
	if (*stuck && !isatty(fd))
		give_up();
	return !*stuck;
}

/* Writes a message. The cookie is whether the last one was stuck, or NULL. A
 * sandbox may not let stderr be opened anew. */
static ssize_t
write_message(void *cookie, const char *bytes, size_t len)
{
	struct nonblocking out;
	bool first = false, *stuck = cookie != NULL ? cookie : &first;
	size_t done = 0;
	ssize_t n = 0;

	if (nonblocking_open(&out, STDERR_FILENO, O_WRONLY) < 0)
		out = (struct nonblocking){STDERR_FILENO, NONBLOCKING_CAREFUL};
	while (done < len && n >= 0) {
		if (!is_taken(out.fd, stuck))
			done = len;
		else if ((n = nonblocking_write(&out, bytes + done,
			      MIN(len - done, PIPE_BUF))) > 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			n = 0;
	}
	if (out.fd != STDERR_FILENO)
		nonblocking_close(&out);
	return (ssize_t)done;
}

/* A stream for messages. A message is one write(2), so that those of a
 * pipeline's members do not run into each other, and no message is worth a
 * hang. */
static FILE *
open_messages(void)
{
	const cookie_io_functions_t functions = {.write = write_message};
	/* It lasts as long as the stream: until the end of the process. */
	void *stuck = mmap(NULL, sizeof(bool), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FILE *messages =
	    fopencookie(stuck == MAP_FAILED ? NULL : stuck, "w", functions);

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

void
stdio_free_stderr(void)
{
	bool stuck = false;

	if (!is_taken(STDERR_FILENO, &stuck))
		give_up();
}

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
