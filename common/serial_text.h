#ifndef SERIAL_TEXT_H
#define SERIAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The longest time stamp, in bytes. What is longer is text. */
enum { SERIAL_TEXT_HOLD = 96 };

/* The longest control string (ECMA-48 5.6), in bytes. What is longer, or is
 * ended by a newline, by another escape sequence or by the end of the input, is
 * text. */
enum { SERIAL_TEXT_STRING = 256 };

/* The text of one call may be longer than its input by this many bytes. */
enum { SERIAL_TEXT_EXTRA = SERIAL_TEXT_HOLD + SERIAL_TEXT_STRING };

/* Extracts readable text from the bytes of a serial line. It removes \r, escape
 * sequences (ECMA-48) and other control characters than tab and newline, and,
 * unless keep_stamps is set, the time stamps at the start of lines (stamp.h). A
 * sequence or a stamp may be split between calls, so the start of a line is
 * held back while it may become a stamp. A zeroed struct is ready for use. */
struct serial_text {
	bool keep_stamps;
	bool in_line;     /* behind the place of a time stamp */
	int sequence;     /* kind of the escape sequence that has begun */
	size_t swallowed; /* bytes of the sequence so far */
	char string[SERIAL_TEXT_STRING]; /* bytes of a control string, which may
					    be text */
	size_t string_len;
	char hold[SERIAL_TEXT_HOLD];
	size_t held;
};

/* Stores the text of the next len bytes in out, which has room for
 * SERIAL_TEXT_EXTRA + len bytes. Returns the length of the text. */
size_t serial_text_feed(
    struct serial_text *serial, const char *bytes, size_t len, char *out);

/* Ends the input: stores what was held back, at most SERIAL_TEXT_EXTRA bytes,
 * and returns its length. */
size_t serial_text_end(struct serial_text *serial, char *out);

#endif
