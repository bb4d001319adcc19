#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Whether the text, of at least one byte, starts with a character in
 * well-formed UTF-8 (Unicode, table 3-7: no overlong forms, no surrogates).
 * Stores in *n the length of the character, or of the bytes that one U+FFFD
 * replaces: the longest start of a character (section 3.9), at least 1. */
bool utf8_next(const char *text, size_t len, size_t *n);

/* Returns the character that *text starts with, or U+FFFD for bytes that are
 * not UTF-8, stores its length in *n, and moves *text behind it. */
const char *utf8_shown(const char **text, const char *end, size_t *n);

/* Whether the whole string is UTF-8. */
bool utf8_is(const char *text);

#endif
