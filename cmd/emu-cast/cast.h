#ifndef CAST_H
#define CAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* A recording of a terminal in asciicast v2 (docs.asciinema.org): one JSON
 * value a line, a header and then events [seconds, "o", "text"]. Whatever the
 * bytes, what is written is UTF-8: what is none becomes U+FFFD. Errors are left
 * in the stream, for ferror(3). */

/* Writes the header. Title may be NULL. */
void cast_start(
    FILE *out, unsigned columns, unsigned rows, time_t time, const char *title);

/* Records the bytes as output, nanoseconds after the start. Returns how many of
 * the last bytes are left, which may be the beginning of a character: the next
 * call's bytes begin with them. With `last` none are. */
size_t cast_write(
    FILE *out, uint64_t time, const char *bytes, size_t len, bool last);

#endif
