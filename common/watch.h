#ifndef WATCH_H
#define WATCH_H

#include "made.h"
#include "reason.h"

/* Starts a thread that takes the signals that end a process: it removes what
 * was made, whatever the other threads are waiting for, and the process dies of
 * the signal. Signals that were ignored stay ignored, and
 * a write to a closed pipe or past a limit fails in place of killing. Call it
 * before any other thread is made. Returns 0, or -1 with the reason. */
int watch_start(struct made *made, struct reason *why);

#endif
