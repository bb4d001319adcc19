#ifndef LINE_H
#define LINE_H

#include "serial_text.h"

#include <stdbool.h>
#include <stddef.h>

enum { LINE_MAX_BYTES = 8192 };

/* A line of a serial log, without the newline, the time stamp and escape
 * sequences. */
struct line {
	const char *text; /* NUL-terminated */
	size_t len;
	double time; /* seconds, of the time stamp; negative: there was none */
};

/* Splits a stream into lines. A longer line is truncated to LINE_MAX_BYTES. A
 * line of user space that was interrupted by one of the kernel's is joined
 * again. */
struct lines {
	struct serial_text serial;
	void (*take)(void *context, const struct line *line);
	void *context;
	size_t len;
	size_t torn; /* bytes in head: the start of an interrupted line */
	char text[LINE_MAX_BYTES + 1];
	char head[LINE_MAX_BYTES + 1];
	char piece[SERIAL_TEXT_EXTRA + 4096];
};

/* Calls take with each line. */
void lines_init(struct lines *lines,
    void (*take)(void *context, const struct line *line), void *context);
void lines_feed(struct lines *lines, const char *bytes, size_t len);
/* Ends the input, and with it the last line. */
void lines_end(struct lines *lines);

#endif
