#ifndef LAST_LINE_H
#define LAST_LINE_H

#include <stddef.h>

enum { LAST_LINE_BYTES = 400 };

/* Stores the last line of a text that is not blank, for people: without escape
 * sequences and control characters, cut to the room there is; "" when there is
 * none. */
void last_line(const char *text, size_t len, char line[LAST_LINE_BYTES]);

#endif
