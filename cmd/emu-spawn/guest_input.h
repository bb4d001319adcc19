#ifndef GUEST_INPUT_H
#define GUEST_INPUT_H

#include "line.h"
#include "options.h"
#include "stream.h"

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

/* What the guest is to read: ours (stdin, -i or the terminal), what -X and the
 * clients say, in the order in which it came. What is wished for is noted here.
 */
struct guest_input {
	char *bytes; /* those on their way */
	size_t start, len;
	uint64_t sent;

	struct stream own;
	const char *name; /* what messages call our own */
	bool is_stdin;
	struct console console; /* our own, if it is a terminal */
	const char *awaited;    /* -W: nothing is sent before; NULL: sent */
	uint64_t looked;        /* bytes of the line that lack it */

	bool leave; /* ~. was typed */
	bool early; /* sent before the guest's first byte */
	bool ended; /* our own has no more */
};

extern const struct guest_input guest_input_none;

/* Takes the terminal over (raw) if we are in its foreground and have not
 * already; gives it back as it was. */
void console_enter(struct console *console);
void console_leave(struct console *console);

/* Gives the pty the size of the user's terminal, if there is one. */
void console_resize(const struct console *console, int slave);

/* Opens the input that the options name. from_stdin: the words came from
 * there. Ends the program when that fails. */
void guest_input_open(
    struct guest_input *input, const struct options *options, bool from_stdin);

/* Whether a source may be asked for more. */
bool guest_input_has_room(const struct guest_input *input);

/* Reads once from a source. Returns 1, 0 when it has no more or fails, which
 * errno (0: it has no more) then tells, or -1 when there is nothing now. */
int guest_input_take(struct guest_input *input, const struct stream *from);

/* Whether our own may be read now. */
bool guest_input_may_read(const struct guest_input *input);

/* Reads from our own; obeys what the console's escapes wish. Returns 0, or -1
 * with errno when it failed. */
int guest_input_read(struct guest_input *input);

/* Looks whether the line has shown what -W awaits. */
void guest_input_look(struct guest_input *input, const struct line *line);

/* Whether it has, and so input may be sent. */
bool guest_input_is_due(const struct guest_input *input);

/* Writes what the emulator takes at fd (non-blocking). Returns 0, or -1 with
 * errno when the other end is gone; then the rest is forgotten. */
int guest_input_send(struct guest_input *input, int fd);

#endif
