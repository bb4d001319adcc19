#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Cuts a stream of bytes, as it comes, into characters of well-formed UTF-8
 * (Unicode, table 3-7). The state of a sequence whose end has not come yet;
 * starts as {0}. */
struct utf8 {
	unsigned char held[4]; /* the bytes so far */
	size_t count, want;
	unsigned char low, high; /* bounds of the next byte */
};

enum utf8_step {
	UTF8_MORE,     /* held back: the sequence goes on */
	UTF8_DONE,     /* held has a whole character, count bytes of it */
	UTF8_BAD,      /* the byte, or what was held with it, is no UTF-8 */
	UTF8_BAD_KEEP, /* what was held is none; feed the byte once more */
};

/* Takes one byte. */
enum utf8_step utf8_feed(struct utf8 *utf8, unsigned char byte);

/* Returns the length of the UTF-8 character (RFC 3629: no overlong forms, no
 * surrogates) that len bytes of text start with, or 0 when they start with
 * none. */
size_t utf8_length(const char *text, size_t len);

/* Whether all of a string is UTF-8. */
bool utf8_is(const char *text);

#endif
