#include "command_port.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Formats a line, and sends it. */
static int __attribute__((format(printf, 2, 3)))
say(const struct command_port *port, const char *format, ...)
{
	char text[128];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (port->fd < 0)
		return 0;
	/* The guest reads all of it, or never: nobody waits for it. */
	ssize_t n =
	    send(port->fd, text, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n == len ? 0 : -1;
}

static struct winsize
window(void)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};

	for (int fd = 0; fd < 3; fd++)
		if (ioctl(fd, TIOCGWINSZ, &size) == 0)
			break;
	return size;
}

int
command_port_start(const struct command_port *port)
{
	const char *term = getenv("TERM");
	struct winsize size = window();
	unsigned terminals = 0;

	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			terminals |= 1U << fd;
	if (term == NULL || strpbrk(term, " \n") != NULL || term[0] == '\0')
		term = "dumb";
	return say(port, "start %u %hu %hu %.60s\n", terminals, size.ws_row,
	    size.ws_col, term);
}

int
command_port_resize(const struct command_port *port)
{
	struct winsize size = window();

	return say(port, "size %hu %hu\n", size.ws_row, size.ws_col);
}

int
command_port_signal(const struct command_port *port, int number)
{
	return say(port, "signal %d\n", number);
}

/* "exit STATUS OUT ERR" or "killed SIGNAL OUT ERR"; the first one counts. */
static void
take_end(struct command_port *port, const char *line)
{
	uint64_t out, err;
	char word[7];
	int number;

	if (port->state != COMMAND_RUNS ||
	    sscanf(line, "%6s %d %" SCNu64 " %" SCNu64, word, &number, &out,
		&err) != 4)
		return;
	bool killed = strcmp(word, "killed") == 0;

	if ((!killed && strcmp(word, "exit") != 0) || number < 0 ||
	    number >= (killed ? 128 : 256))
		return;
	port->state = COMMAND_ENDED;
	port->status = number + (killed ? 128 : 0);
	port->out = out;
	port->err = err;
}

static void
take_line(struct command_port *port, const char *line)
{
	port->ready = true;
	if (strncmp(line, "note ", 5) == 0) {
		warnx("%s", line + 5);
	} else if (strncmp(line, "failed ", 7) == 0) {
		port->state = COMMAND_FAILED;
		reason_set(&port->why, "%s", line + 7);
	} else {
		take_end(port, line);
	}
}

bool
command_port_take(struct command_port *port)
{
	char *newline;

	if (port->fd < 0)
		return false;
	ssize_t n = read(port->fd, port->text + port->len,
	    sizeof(port->text) - 1 - port->len);
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			close(port->fd);
			port->fd = -1;
		}
		return false;
	}
	port->len += (size_t)n;
	while ((newline = memchr(port->text, '\n', port->len)) != NULL) {
		*newline = '\0';
		take_line(port, port->text);
		port->len -= (size_t)(newline + 1 - port->text);
		memmove(port->text, newline + 1, port->len);
	}
	/* A line that is too long is no line of the guest's init. */
	if (port->len == sizeof(port->text) - 1)
		port->len = 0;
	return true;
}
