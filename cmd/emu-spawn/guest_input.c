#include "guest_input.h"

#include "../fatal.h"
#include "../memory.h"
#include "stdio_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* A source is asked for more only while twice as many as TYPED fit. */
enum { QUEUE_BYTES = 16384, TYPED = 512 };

/* What may follow a tilde. */
enum { CONSOLE_LEAVE = '.', CONSOLE_HELP = '?', CONSOLE_SUSPEND = 'Z' & 0x1f };

void
guest_input_init(struct guest_input *input)
{
	*input = (struct guest_input){.console.fd = -1};
	for (int i = 0; i < INPUT_SOURCES; i++)
		input->sources[i].fd = -1;
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

void
console_resize(const struct console *console, int slave)
{
	struct winsize size;

	if (console->fd >= 0 && slave >= 0 &&
	    ioctl(console->fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
		ioctl(slave, TIOCSWINSZ, &size);
}

static void
open_file(struct guest_input *input, const char *name)
{
	struct stat st;
	int fd = open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		fatal_errno(name);
	if (S_ISDIR(st.st_mode))
		fatal("%s: %s", name, strerror(EISDIR));
	input->sources[INPUT_OWN].fd = fd;
	if (!S_ISFIFO(st.st_mode))
		return;
	/* With a writer of our own, it does not end when others leave. */
	int both = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (both >= 0) {
		close(fd);
		input->sources[INPUT_OWN].fd = both;
	}
}

/* The terminal, when words came from stdin and the user sits before it. */
static void
open_terminal(struct guest_input *input)
{
	if (!isatty(STDOUT_FILENO) || tcgetpgrp(STDOUT_FILENO) != getpgrp())
		return;
	input->sources[INPUT_OWN].fd =
	    open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
guest_input_open(
    struct guest_input *input, const struct options *options, bool from_stdin)
{
	struct nonblocking *own = &input->sources[INPUT_OWN];

	input->bytes = memory_got(malloc(QUEUE_BYTES));
	input->is_stdin = options->input == NULL;
	input->name = input->is_stdin ? "<stdin>" : options->input;
	if (!input->is_stdin)
		open_file(input, options->input);
	else if (from_stdin)
		open_terminal(input);
	else if (nonblocking_open(own, STDIN_FILENO, O_RDONLY) < 0)
		fatal_errno("<stdin>");
	if (isatty(own->fd) && tcgetattr(own->fd, &input->console.saved) == 0)
		input->console.fd = own->fd;
}

static void
help(void)
{
	const char text[] = "\r\n~.   leave, and stop the machine\r\n"
			    "~^Z  suspend emu-spawn\r\n"
			    "~~   a tilde\r\n"
			    "~?   this\r\n";

	fputs(text, stderr);
}

/* Returns whether the character makes an escape of a tilde. */
static bool
obey(struct guest_input *input, char c)
{
	if (c == CONSOLE_LEAVE)
		input->leave = true;
	else if (c == CONSOLE_HELP)
		help();
	/* The whole pipeline; our own comes by signalfd. */
	else if (c == CONSOLE_SUSPEND)
		kill(0, SIGTSTP);
	else
		return false;
	return true;
}

/* Queues a typed character, or obeys an escape: at the beginning of a line, ~.
 * leaves, ~? helps, ~^Z suspends, and two tildes are one. */
static void
type(struct guest_input *input, char c)
{
	struct console *console = &input->console;

	if (console->at == CONSOLE_LINE && c == '~') {
		console->at = CONSOLE_TILDE;
		return;
	}
	if (console->at == CONSOLE_TILDE && obey(input, c)) {
		console->at = CONSOLE_LINE;
		return;
	}
	if (console->at == CONSOLE_TILDE && c != '~')
		input->bytes[input->len++] = '~';
	input->bytes[input->len++] = c;
	console->at = c == '\r' || c == '\n' ? CONSOLE_LINE : CONSOLE_TEXT;
}

void
guest_input_arm(
    const struct guest_input *input, struct pollfd fds[INPUT_SOURCES])
{
	bool room = QUEUE_BYTES - input->len > (size_t)2 * TYPED;

	for (int i = 0; i < INPUT_SOURCES; i++)
		fds[i] = (struct pollfd){
		    .fd = room ? input->sources[i].fd : -1, .events = POLLIN};
	if (input->console.fd >= 0 && !input->console.raw)
		fds[INPUT_OWN].fd = -1;
}

/* Reads once from a source. Returns as read(2) does. */
static ssize_t
read_source(struct guest_input *input, int i)
{
	const struct nonblocking *source = &input->sources[i];
	bool typed = i == INPUT_OWN && input->console.fd >= 0;
	char bytes[TYPED];

	if (input->start > 0 && input->len > 0)
		memmove(input->bytes, input->bytes + input->start, input->len);
	input->start = 0;
	ssize_t n = typed ? nonblocking_read(source, bytes, sizeof(bytes))
			  : nonblocking_read(source, input->bytes + input->len,
				QUEUE_BYTES - input->len);
	if (!typed && n > 0)
		input->len += (size_t)n;
	for (ssize_t at = 0; typed && at < n; at++)
		type(input, bytes[at]);
	return n;
}

/* Whether input that cannot be read is as good as none: a terminal or a
 * connection that was hung up, or a stdin that is none (nohup(1) makes it
 * unreadable). */
static bool
is_end(const struct guest_input *input, int error)
{
	return input->console.fd >= 0 || error == ECONNRESET ||
	       (error == EBADF && input->is_stdin);
}

void
guest_input_take(
    struct guest_input *input, const struct pollfd fds[INPUT_SOURCES])
{
	for (int i = 0; i < INPUT_SOURCES; i++) {
		struct nonblocking *source = &input->sources[i];

		if (fds[i].revents == 0 || source->fd != fds[i].fd ||
		    QUEUE_BYTES - input->len <= (size_t)2 * TYPED)
			continue;
		ssize_t n = read_source(input, i);
		if (n > 0 || (n < 0 && errno == EAGAIN))
			continue;
		if (i == INPUT_OWN)
			input->ended = true;
		if (n < 0 && i < INPUT_CLIENTS &&
		    (i == INPUT_DIALOG || !is_end(input, errno))) {
			input->failed = i == INPUT_DIALOG ? "-X" : input->name;
			input->error = errno;
		}
		nonblocking_close(source);
	}
}

int
guest_input_send(struct guest_input *input, int fd)
{
	while (input->len > 0) {
		ssize_t n = write(fd, input->bytes + input->start, input->len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0) {
			input->len = 0;
			return -1;
		}
		input->start += (size_t)n;
		input->len -= (size_t)n;
		input->sent += (uint64_t)n;
	}
	return 0;
}
