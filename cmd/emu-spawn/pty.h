#ifndef PTY_H
#define PTY_H

#include <stdbool.h>

/* Opens a pty whose slave passes bytes as they are, before anybody can write to
 * it; the master is non-blocking. Both are close-on-exec and not our
 * controlling terminal. Returns 0, or -1 with errno, and then *master and
 * *slave are what was opened so far, or as they were. */
int pty_open(int *master, int *slave);

/* Whether something was written to the master that nobody has read yet. */
bool pty_has_unread(int slave);

#endif
