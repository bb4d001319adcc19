#ifndef LOG_LINE_H
#define LOG_LINE_H

#include "serial_text.h"

#include <stdbool.h>
#include <stddef.h>

enum { LOG_LINE_MAX = 8192 };

/* A line of a serial log, without the newline, the time stamp and escape
 * sequences. */
struct log_line {
	const char *text; /* NUL-terminated */
	size_t len;
	double time; /* seconds, of the time stamp; negative: there was none */
};

/* Splits a stream into lines. A longer line is truncated to LOG_LINE_MAX. A
 * line of user space that was interrupted by one of the kernel's is joined
 * again. */
struct log_lines {
	struct serial_text serial;
	void (*take)(void *context, const struct log_line *line);
	void *context;
	size_t len;
	size_t torn; /* bytes in head: the start of an interrupted line */
	char text[LOG_LINE_MAX + 1];
	char head[LOG_LINE_MAX + 1];
	char piece[SERIAL_TEXT_EXTRA + 4096];
};

/* Calls take with each line. */
void log_lines_init(struct log_lines *lines,
    void (*take)(void *context, const struct log_line *line), void *context);
void log_lines_feed(struct log_lines *lines, const char *bytes, size_t len);
/* Ends the input, and with it the last line. */
void log_lines_end(struct log_lines *lines);

#endif
