#ifndef GUEST_INPUT_H
#define GUEST_INPUT_H

#include "line.h"
#include "nonblocking.h"
#include "options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

/* The user's terminal while it is a console of the guest. */
struct console {
	int fd;   /* of the terminal; -1: none */
	bool raw; /* it is ours now */
	struct termios saved;
	enum { CONSOLE_LINE, CONSOLE_TILDE, CONSOLE_TEXT } at;
};

/* Where input comes from: our own (stdin, -i or the terminal), the command of
 * -X, and the clients of -S. */
enum {
	INPUT_OWN,
	INPUT_DIALOG,
	INPUT_CLIENTS,
	INPUT_SOURCES = INPUT_CLIENTS + CLIENTS_MOST
};

/* What the guest is to read, in the order in which it came. What happened is
 * noted here. */
struct guest_input {
	char *bytes; /* those on their way */
	size_t start, len;
	uint64_t sent;

	struct nonblocking sources[INPUT_SOURCES];
	const char *name; /* what messages call our own */
	bool is_stdin;
	struct console console; /* our own, if it is a terminal */

	bool leave;         /* ~. was typed */
	bool early;         /* sent before the guest's first byte */
	bool ended;         /* our own has no more */
	const char *failed; /* a source that could not be read; NULL: none */
	int error;          /* errno of that */
};

/* Makes an input without any source. */
void guest_input_init(struct guest_input *input);

/* console_enter makes the terminal raw, if we are in its foreground and it is
 * not raw already. console_leave gives it back as it was. */
void console_enter(struct console *console);
void console_leave(struct console *console);

/* Gives the pty the size of the user's terminal, if there is one. */
void console_resize(const struct console *console, int slave);

/* Opens the input that the options name. from_stdin: the words came from
 * there. Ends the program when that fails. */
void guest_input_open(
    struct guest_input *input, const struct options *options, bool from_stdin);

/* Stores what to poll for: the sources, while there is room in the queue. */
void guest_input_arm(
    const struct guest_input *input, struct pollfd fds[INPUT_SOURCES]);

/* After that poll: reads once from each source that has something, closes those
 * that have no more, and does what the console's escapes mean. */
void guest_input_take(
    struct guest_input *input, const struct pollfd fds[INPUT_SOURCES]);

/* Writes what the emulator takes at fd (non-blocking). Returns 0, or -1 with
 * errno when the other end is gone; then the rest is forgotten. */
int guest_input_send(struct guest_input *input, int fd);

#endif
