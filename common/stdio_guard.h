#ifndef STDIO_GUARD_H
#define STDIO_GUARD_H

#include "reason.h"

/* Makes sure that descriptors 0, 1 and 2 are open, so that no file opened later
 * takes their place: closed ones become /dev/null. Makes stderr line buffered,
 * so that a message is one write, and one that nobody takes within a second is
 * given up, with all that follow. Call it first in main. Returns a mask of what
 * was closed (1 << fd), or -1 with errno set when /dev/null cannot be opened.
 */
int stdio_guard(void);

/* The same for a command whose stdout is its product: also fails when stdout
 * was closed. Returns 0, or -1 with the reason. */
int stdio_guard_output(struct reason *why);

/* Flushes and closes stdout and tells whether everything was written. Returns
 * 0, or -1 with the reason ("<stdout>: No space left on device"). */
int stdio_finish(struct reason *why);

#endif
