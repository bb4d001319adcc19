#ifndef CAST_H
#define CAST_H

#include "utf8.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* A recording of a terminal in asciicast v2 (docs.asciinema.org): one JSON
 * value a line, a header and then events [seconds, "o", "text"]. */
struct cast {
	FILE *out; /* borrowed */
	struct utf8 utf8;
};

/* Writes the header. Title may be NULL. Whatever the bytes of the title and of
 * the recording, what is written is ASCII and UTF-8: each maximal part that is
 * no UTF-8 becomes U+FFFD. Errors are left in the stream, for ferror(3). */
void cast_start(struct cast *cast, FILE *out, unsigned columns, unsigned rows,
    time_t time, const char *title);

/* Records len bytes of output, nanoseconds after the start. The beginning of a
 * character whose end has not come yet is held back. */
void cast_write(
    struct cast *cast, uint64_t time, const unsigned char *bytes, size_t len);

/* Records what is held back, which no more bytes will complete. */
void cast_end(struct cast *cast, uint64_t time);

#endif
