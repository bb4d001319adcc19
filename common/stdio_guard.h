#ifndef STDIO_GUARD_H
#define STDIO_GUARD_H

#include "reason.h"

#include <stdio.h>

#ifndef __GLIBC__
/* A stream for messages, which stdio_guard() tells of: a new one by each call,
 * since musl's stderr cannot be replaced. */
FILE *stdio_messages(void);
#undef stderr
#define stderr stdio_messages()
#endif

/* Opens /dev/null as each of the descriptors 0, 1 and 2 that is closed, so that
 * no file that is opened later takes its place; a stdout that was closed still
 * cannot be written. Makes stderr line buffered, so that a message is one
 * write. A message that cannot be written within a second is dropped, and so
 * are all that follow, except on a terminal that goes on. Call it first in
 * main. Returns a mask of the closed descriptors (1 << fd), or -1 with errno
 * set when /dev/null cannot be opened.
 */
int stdio_guard(void);

/* The same for a command that prints its result on stdout: fails if stdout was
 * closed. Also ignores SIGXFSZ, so that a file that may not become so large is
 * an error like any other (EFBIG). Returns 0, or -1 with the reason. */
int stdio_guard_output(struct reason *why);

/* Makes stderr /dev/null if nobody takes anything from it for that time. For a
 * child that writes to it, and would wait for ever. */
void stdio_free_stderr(void);

/* Flushes and closes stdout. Returns 0 if everything was written, or -1 with
 * the reason ("<stdout>: No space left on device"). */
int stdio_finish(struct reason *why);

#endif
