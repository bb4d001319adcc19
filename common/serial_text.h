#ifndef SERIAL_TEXT_H
#define SERIAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* A stamp that has not ended after this many bytes is none. */
enum { SERIAL_TEXT_HOLD = 96 };

/* A string sequence (ECMA-48 5.6) that has not ended after this many bytes, or
 * at a newline or the end of the input, is none: its bytes are text. */
enum { SERIAL_TEXT_STRING = 256 };

/* The text may be this much longer than the bytes of one call. */
enum { SERIAL_TEXT_EXTRA = SERIAL_TEXT_HOLD + SERIAL_TEXT_STRING };

/* What a person reads of a serial line's bytes: without \r, escape sequences
 * (ECMA-48), other control characters than tab and newline, and, unless kept,
 * without the time stamps at the start of lines (see stamp.h). Sequences and
 * stamps may be cut anywhere between two calls; the start of a line that might
 * still become a stamp is held back. A zeroed struct is ready for use. */
struct serial_text {
	bool keep_stamps;
	bool in_line;                    /* the start of the line is over */
	int sequence;                    /* kind of escape sequence we are in */
	size_t swallowed;                /* how many bytes of it */
	char string[SERIAL_TEXT_STRING]; /* a string: it may be text again */
	size_t string_len;
	char hold[SERIAL_TEXT_HOLD];
	size_t held;
};

/* Appends to out (room for SERIAL_TEXT_EXTRA + len bytes) the text of len bytes
 * and returns its length. */
size_t serial_text_feed(
    struct serial_text *serial, const char *bytes, size_t len, char *out);

/* The input ended: what was held back (at most SERIAL_TEXT_EXTRA bytes). */
size_t serial_text_end(struct serial_text *serial, char *out);

#endif
