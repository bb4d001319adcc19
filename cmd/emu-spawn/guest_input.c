#include "guest_input.h"

#include "../fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	QUEUE_BYTES = 16384,
	TYPED =
	    512, /* a source is asked for more only while twice as many fit */
};

/* What may follow a tilde: ~. leaves, ~? helps, ~^Z suspends. */
enum { CONSOLE_LEAVE = '.', CONSOLE_HELP = '?', CONSOLE_SUSPEND = 'Z' & 0x1f };

const struct guest_input guest_input_none = {.own.fd = -1, .console.fd = -1};

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
	input->own = (struct stream){.fd = fd, .kind = STREAM_PLAIN};
	if (!S_ISFIFO(st.st_mode))
		return;
	/* With a writer of our own, it does not end when others leave. */
	int both = open(name, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (both >= 0) {
		close(fd);
		input->own.fd = both;
	}
}

/* The terminal, when words came from stdin and the user sits before it. */
static void
open_terminal(struct guest_input *input)
{
	if (!isatty(STDOUT_FILENO) || tcgetpgrp(STDOUT_FILENO) != getpgrp())
		return;
	int fd = open("/dev/tty", O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		input->own = (struct stream){.fd = fd, .kind = STREAM_PLAIN};
}

void
guest_input_open(
    struct guest_input *input, const struct options *options, bool from_stdin)
{
	input->bytes = malloc(QUEUE_BYTES);
	if (input->bytes == NULL)
		fatal_memory();
	input->awaited = options->awaited;
	input->is_stdin = options->input == NULL;
	input->name = input->is_stdin ? "<stdin>" : options->input;
	if (!input->is_stdin)
		open_file(input, options->input);
	else if (from_stdin)
		open_terminal(input);
	else if (stream_open(&input->own, STDIN_FILENO, O_RDONLY) < 0)
		fatal_errno("<stdin>");
	if (isatty(input->own.fd) &&
	    tcgetattr(input->own.fd, &input->console.saved) == 0)
		input->console.fd = input->own.fd;
}

bool
guest_input_has_room(const struct guest_input *input)
{
	return QUEUE_BYTES - input->len > (size_t)2 * TYPED;
}

/* Returns where to read to, with QUEUE_BYTES - len bytes of space. */
static char *
space(struct guest_input *input)
{
	if (input->start > 0 && input->len > 0)
		memmove(input->bytes, input->bytes + input->start, input->len);
	input->start = 0;
	return input->bytes + input->len;
}

int
guest_input_take(struct guest_input *input, const struct stream *from)
{
	char *at = space(input);
	ssize_t n = -1;

	errno = EAGAIN;
	if (guest_input_has_room(input))
		n = stream_read(from, at, QUEUE_BYTES - input->len);
	if (n > 0)
		input->len += (size_t)n;
	if (n == 0)
		errno = 0;
	return n > 0 ? 1 : n < 0 && errno == EAGAIN ? -1 : 0;
}

bool
guest_input_may_read(const struct guest_input *input)
{
	const struct console *console = &input->console;

	return input->own.fd >= 0 && guest_input_has_room(input) &&
	       (console->fd < 0 || console->raw);
}

/* Takes len typed bytes apart: what is left of them without escapes goes to out
 * (room for len + 1) and its length is returned. It stops behind an escape,
 * whose character is stored in *wish, else 0; *used is how many were looked at.
 */
static size_t
filter_typed(struct console *console, const char *typed, size_t len, char *out,
    size_t *used, char *wish)
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

static void
help(void)
{
	const char text[] = "\r\n~.   leave, and stop the machine\r\n"
			    "~^Z  suspend emu-spawn\r\n"
			    "~~   a tilde\r\n"
			    "~?   this\r\n";

	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		return;
}

static void
obey(struct guest_input *input, char wish)
{
	if (wish == CONSOLE_LEAVE)
		input->leave = true;
	else if (wish == CONSOLE_HELP)
		help();
	/* The whole pipeline; our own comes by signalfd. */
	else if (wish == CONSOLE_SUSPEND)
		kill(0, SIGTSTP);
}

/* As guest_input_take, from the terminal. An escape may be followed by more. */
static int
take_typed(struct guest_input *input)
{
	char typed[TYPED];
	ssize_t n = stream_read(&input->own, typed, sizeof(typed));
	char wish;

	space(input);
	for (size_t i = 0, used; n > 0 && i < (size_t)n; i += used) {
		input->len += filter_typed(&input->console, typed + i,
		    (size_t)n - i, input->bytes + input->len, &used, &wish);
		obey(input, wish);
	}
	return n > 0 ? 1 : n < 0 && errno == EAGAIN ? -1 : 0;
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

int
guest_input_read(struct guest_input *input)
{
	bool typed = input->console.fd >= 0;
	int result =
	    typed ? take_typed(input) : guest_input_take(input, &input->own);
	int error = errno;

	if (result != 0)
		return 0;
	result = error == 0 || is_end(input, error) ? 0 : -1;
	stream_close(&input->own);
	input->ended = true;
	errno = error;
	return result;
}

/* Looks at what came since the last look, and so much before it that a part of
 * the text may have been there. */
static bool
has_shown(struct guest_input *input, const struct line *line)
{
	size_t part = strlen(input->awaited) - 1;
	uint64_t from = input->looked > part ? input->looked - part : 0;
	size_t len = (size_t)(line->total - from);
	char *text;

	if (line->total == input->looked)
		return false;
	input->looked = line->total;
	text = malloc(len);
	if (text == NULL)
		return false;
	size_t have = line_tail(line, text, len);
	bool shown = memmem(text, have, input->awaited, part + 1) != NULL;
	free(text);
	return shown;
}

void
guest_input_look(struct guest_input *input, const struct line *line)
{
	if (input->awaited != NULL &&
	    (input->awaited[0] == '\0' || has_shown(input, line)))
		input->awaited = NULL;
}

bool
guest_input_is_due(const struct guest_input *input)
{
	return input->awaited == NULL;
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
