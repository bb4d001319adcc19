#ifndef REASON_H
#define REASON_H

#include <stdarg.h>
#include <stddef.h>

/* The reason for a failure: one line of text, without the program's name and
 * without a newline. Shared code stores it and returns -1; only a command
 * prints it. */
struct reason {
	char text[1024];
};

/* Formats the reason. A text that is too long is truncated, and a control
 * character becomes '?', so that a reason is always one line. Returns -1, so
 * that a function can fail with `return reason_set(why, ...)`. */
int reason_set(struct reason *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with a list of arguments, like vprintf(3). */
int reason_vset(struct reason *why, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* The same as reason_set, followed by ": " and the text for errno. */
int reason_errno(struct reason *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Stores that memory is short, whatever errno is, since jansson and others do
 * not set it. Returns -1. */
int reason_memory(struct reason *why);

#endif
