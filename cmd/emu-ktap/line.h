#ifndef LINE_H
#define LINE_H

#include "serial_text.h"

#include <stdbool.h>
#include <stddef.h>

enum { LINE_MAX_BYTES = 8192 };

/* A line of a serial log without its newline, its time stamp and escape
 * sequences. */
struct line {
	const char *text; /* NUL-terminated */
	size_t len;
	double time; /* of its stamp; negative: it had none */
};

/* Cuts a stream into lines. What is longer than LINE_MAX_BYTES is cut off. A
 * line into which the kernel printed is put together again. */
struct lines {
	struct serial_text serial;
	void (*take)(void *context, const struct line *line);
	void *context;
	size_t len;
	size_t torn; /* bytes of the start of a torn line */
	char text[LINE_MAX_BYTES + 1];
	char head[LINE_MAX_BYTES + 1];
	char piece[SERIAL_TEXT_EXTRA + 4096];
};

/* Every whole line is given to take. */
void lines_init(struct lines *lines,
    void (*take)(void *context, const struct line *line), void *context);
void lines_feed(struct lines *lines, const char *bytes, size_t len);
/* The input ended; so did its last line. */
void lines_end(struct lines *lines);

#endif
