#ifndef RIGHTS_H
#define RIGHTS_H

#include "reason.h"

/* Gives up, for good, what taking an archive apart does not need: files outside
 * the directory open as dir, other programs, the network (sandbox.h). Call it
 * before any thread is made. Returns 0, or -1 with the reason. */
int rights_drop(int dir, struct reason *why);

#endif
