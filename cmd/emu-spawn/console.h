#ifndef CONSOLE_H
#define CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* The user's terminal while it is a console of the guest. */
struct console {
	int fd;   /* of the terminal; -1: none */
	bool raw; /* it is ours now */
	struct termios saved;
	enum { CONSOLE_LINE, CONSOLE_TILDE, CONSOLE_TEXT } at;
};

/* What may follow a tilde: ~. leaves, ~? helps, ~^Z suspends. */
enum { CONSOLE_LEAVE = '.', CONSOLE_HELP = '?', CONSOLE_SUSPEND = 'Z' & 0x1f };

/* Makes a console of fd if it is a terminal, which stays fd's owner's. */
void console_open(struct console *console, int fd);

/* Takes the terminal over (raw) if we are in its foreground and have not
 * already; gives it back as it was. */
void console_enter(struct console *console);
void console_leave(struct console *console);

/* Whether input may be read: always when it is no terminal. */
bool console_may_read(const struct console *console);

/* Takes len typed bytes apart: what is left of them without escapes goes to out
 * (room for len + 1) and its length is returned. It stops behind an escape,
 * whose character is stored in *wish, else 0; *used is how many were looked at.
 */
size_t console_filter(struct console *console, const char *typed, size_t len,
    char *out, size_t *used, char *wish);

/* Gives the pty the size of the user's terminal, if there is one. */
void console_resize(const struct console *console, int slave);

#endif
