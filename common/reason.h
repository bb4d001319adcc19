#ifndef REASON_H
#define REASON_H

#include <stdarg.h>
#include <stddef.h>

/* Why something failed: one line of text, without program name or newline.
 * Shared code fills it in and returns -1; only a command prints it. */
struct reason {
	char text[1024];
};

/* Formats the reason (a text too long is cut; control characters are made
 * visible as '?', so that a reason is always one line). Returns -1, so that
 * failing is `return reason_set(why, ...)`. */
int reason_set(struct reason *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same with the arguments in a list, as of vprintf(3). */
int reason_vset(struct reason *why, const char *format, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* The same as reason_set, followed by ": " and the text of the errno at the
 * call. */
int reason_errno(struct reason *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for memory that could not be had, whatever errno is: jansson and
 * others leave none. */
int reason_memory(struct reason *why);

#endif
