#ifndef UTF8_H
#define UTF8_H

#include <stdbool.h>
#include <stddef.h>

#define UTF8_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Whether the text, of at least one byte, starts with a character of
 * well-formed UTF-8 (Unicode, table 3-7: no overlong forms, no surrogates).
 * Stores the character's length in *n, or that of what one U+FFFD replaces: as
 * much as a character may begin with (section 3.9), at least 1. */
bool utf8_next(const char *text, size_t len, size_t *n);

/* The same for printing: returns the character that *text starts with, or
 * U+FFFD for what is none, with its length in *n, and moves *text behind it. */
const char *utf8_shown(const char **text, const char *end, size_t *n);

/* Whether all of a string is UTF-8. */
bool utf8_is(const char *text);

#endif
