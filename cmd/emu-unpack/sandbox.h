#ifndef SANDBOX_H
#define SANDBOX_H

#include "reason.h"

/* Gives away, for good, what taking an archive apart does not need: new
 * privileges, files outside the directory open as dir, other programs, the
 * network, other processes. An older kernel does what it can. Descriptors that
 * are open stay usable. Call it before any thread is made. Returns 0, or -1
 * with the reason. */
int sandbox_enter(int dir, struct reason *why);

#endif
