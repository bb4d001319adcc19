#ifndef PLAIN_H
#define PLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stamp that has not ended after this many bytes is none. */
enum { PLAIN_HOLD = 96 };

/* A string sequence (ECMA-48 5.6) that has not ended after this many bytes, or
 * at a newline or the end of the input, is none: its bytes are text. */
enum { PLAIN_STRING = 256 };

/* The text may be this much longer than the bytes of one call. */
enum { PLAIN_EXTRA = PLAIN_HOLD + PLAIN_STRING };

/* Where text and bytes run side by side again after something was removed. */
struct plain_mark {
	uint64_t text; /* offset in the plain text */
	uint64_t byte; /* offset of the same byte in the input */
};

/* Makes plain text of serial bytes: without \r, escape sequences (ECMA-48),
 * other control characters than tab and newline, and, unless kept, without the
 * time stamps at the start of lines (see stamp.h). Sequences and stamps may
 * be cut anywhere between two calls; the start of a line that might still
 * become a stamp is held back. A zeroed struct is ready for use. */
struct plain {
	bool keep_stamps;
	bool in_line;              /* the start of the line is over */
	int sequence;              /* what kind of escape sequence we are in */
	size_t swallowed;          /* how many bytes of it */
	char string[PLAIN_STRING]; /* of a string, what may be text again */
	size_t string_len;
	char hold[PLAIN_HOLD];
	size_t held;
	uint64_t held_at; /* input offset of hold[0] */
	uint64_t bytes;   /* how much went in */
	uint64_t text;    /* and came out */
	uint64_t removed; /* how far the input is ahead at the last mark */
};

/* Appends to out (room for PLAIN_EXTRA + len bytes) the text of len bytes and
 * returns its length. With marks (as much room as out, NULL: none) stores them
 * and adds their number to *count. */
size_t plain_feed(struct plain *plain, const char *bytes, size_t len, char *out,
    struct plain_mark *marks, size_t *count);

/* The input ended: what was held back (at most PLAIN_EXTRA bytes). */
size_t plain_end(
    struct plain *plain, char *out, struct plain_mark *marks, size_t *count);

#endif
