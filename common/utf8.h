#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>

/* Returns the length of the UTF-8 character (RFC 3629: no overlong forms, no
 * surrogates) that len bytes of text start with, or 0 when they start with
 * none. */
size_t utf8_length(const char *text, size_t len);

#endif
