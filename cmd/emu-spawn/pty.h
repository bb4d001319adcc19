#ifndef PTY_H
#define PTY_H

/* Opens a pty whose slave passes bytes as they are, before anybody can write to
 * it; the master is non-blocking. Both are close-on-exec and not our
 * controlling terminal. Returns 0, or -1 with errno, and then *master and
 * *slave are what was opened so far, or as they were. */
int pty_open(int *master, int *slave);

#endif
