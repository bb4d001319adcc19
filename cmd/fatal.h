#ifndef FATAL_H
#define FATAL_H

#include "reason.h"

#include <stdbool.h>

/* The status with which these functions exit. Each command defines its own. */
extern const int fatal_status;

/* Prints the message in one line on stderr and exits with fatal_status. When
 * several threads call these functions, the first one does; the others wait. */
_Noreturn void fatal(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The same; the message is `what`, followed by the text of errno. */
_Noreturn void fatal_errno(const char *what);

/* The same; the message is that memory is short. */
_Noreturn void fatal_memory(void);

/* The same without a message, because a child has printed one. */
_Noreturn void fatal_said(void);

/* Calls fatal with the reason that a function of common/ has left, if that
 * function failed. */
void fatal_if(bool failed, const struct reason *why);

/* Makes these functions call undo(context) before they print, in place of an
 * earlier one (NULL: nothing). What undo uses must last until the end of the
 * process. */
void fatal_undo(void (*undo)(void *context), void *context);

/* Makes these functions call finish(context, message) in place of printing and
 * exiting, which `finish` does then. message is NULL in fatal_said. */
void fatal_finish(
    void (*finish)(void *context, const char *message), void *context);

#endif
