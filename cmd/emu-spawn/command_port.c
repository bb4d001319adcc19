#include "command_port.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int
say(const struct command_port *port, const char *text)
{
	size_t len = strlen(text);

	if (port->fd < 0)
		return 0;
	/* The guest reads all of it, or never: nobody waits for it. */
	ssize_t n = send(port->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n == (ssize_t)len ? 0 : -1;
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
	char text[128];

	for (int fd = 0; fd < 3; fd++)
		if (isatty(fd))
			terminals |= 1U << fd;
	if (term == NULL || strpbrk(term, " \n") != NULL || term[0] == '\0')
		term = "dumb";
	snprintf(text, sizeof(text), "start %u %hu %hu %.60s\n", terminals,
	    size.ws_row, size.ws_col, term);
	return say(port, text);
}

int
command_port_resize(const struct command_port *port)
{
	struct winsize size = window();
	char text[64];

	snprintf(
	    text, sizeof(text), "size %hu %hu\n", size.ws_row, size.ws_col);
	return say(port, text);
}

int
command_port_signal(const struct command_port *port, int number)
{
	char text[32];

	snprintf(text, sizeof(text), "signal %d\n", number);
	return say(port, text);
}

static void
take(struct command_port *port, const char *line, char note[static 1100])
{
	bool killed = strncmp(line, "killed ", 7) == 0;

	if (strncmp(line, "note ", 5) == 0) {
		strcpy(note, line + 5);
	} else if (strncmp(line, "failed ", 7) == 0) {
		port->state = COMMAND_FAILED;
		reason_set(&port->why, "%s", line + 7);
	} else if (sscanf(line, "%*s %d %" SCNu64 " %" SCNu64, &port->status,
		       &port->out, &port->err) == 3 &&
		   port->status >= 0 && port->status < (killed ? 128 : 256)) {
		port->state = COMMAND_ENDED;
		port->status += killed ? 128 : 0;
	}
}

bool
command_port_read(struct command_port *port, char note[static 1100])
{
	char *newline;

	note[0] = '\0';
	if (memchr(port->text, '\n', port->len) == NULL) {
		ssize_t n = read(port->fd, port->text + port->len,
		    sizeof(port->text) - 1 - port->len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n <= 0) {
			close(port->fd);
			port->fd = -1;
			return false;
		}
		port->len += (size_t)n;
	}
	while (note[0] == '\0' &&
	       (newline = memchr(port->text, '\n', port->len)) != NULL) {
		*newline = '\0';
		take(port, port->text, note);
		port->len -= (size_t)(newline + 1 - port->text);
		memmove(port->text, newline + 1, port->len);
	}
	/* A line that is too long is no line of the guest's init. */
	if (port->len == sizeof(port->text) - 1)
		port->len = 0;
	return note[0] != '\0';
}
