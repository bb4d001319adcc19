#include "console.h"

#include <sys/ioctl.h>
#include <unistd.h>

void
console_open(struct console *console, int fd)
{
	*console = (struct console){.fd = -1};
	if (isatty(fd) && tcgetattr(fd, &console->saved) == 0)
		console->fd = fd;
}

void
console_enter(struct console *console)
{
	if (console->fd < 0 || console->raw ||
	    tcgetpgrp(console->fd) != getpgrp())
		return;
	if (tcgetattr(console->fd, &console->saved) < 0)
		return;
	struct termios mode = console->saved;
	cfmakeraw(&mode);
	console->raw = tcsetattr(console->fd, TCSANOW, &mode) == 0;
	console->at = CONSOLE_LINE;
}

void
console_leave(struct console *console)
{
	if (console->raw)
		tcsetattr(console->fd, TCSANOW, &console->saved);
	console->raw = false;
}

bool
console_may_read(const struct console *console)
{
	return console->fd < 0 || console->raw;
}

size_t
console_filter(struct console *console, const char *typed, size_t len,
    char *out, size_t *used, char *wish)
{
	size_t n = 0, i = 0;

	*wish = 0;
	while (i < len && *wish == 0) {
		char c = typed[i++];

		if (console->at == CONSOLE_LINE && c == '~') {
			console->at = CONSOLE_TILDE;
			continue;
		}
		if (console->at == CONSOLE_TILDE) {
			if (c == CONSOLE_LEAVE || c == CONSOLE_HELP ||
			    c == CONSOLE_SUSPEND) {
				*wish = c;
				console->at = CONSOLE_LINE;
				break;
			}
			/* Two of them are one. */
			if (c != '~')
				out[n++] = '~';
		}
		out[n++] = c;
		console->at =
		    c == '\r' || c == '\n' ? CONSOLE_LINE : CONSOLE_TEXT;
	}
	*used = i;
	return n;
}

void
console_resize(const struct console *console, int slave)
{
	struct winsize size;

	if (console->fd >= 0 && slave >= 0 &&
	    ioctl(console->fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
		ioctl(slave, TIOCSWINSZ, &size);
}
