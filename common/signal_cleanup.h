#ifndef SIGNAL_CLEANUP_H
#define SIGNAL_CLEANUP_H

#include "new_files.h"
#include "reason.h"

/* Starts a thread that takes the signals that end a process: it removes the new
 * files, whatever the other threads are waiting for, and the process dies of
 * the signal. Signals that were ignored stay ignored, and a write to a closed
 * pipe or past a limit fails in place of killing. Call it before any other
 * thread is made. Returns 0, or -1 with the reason. */
int signal_cleanup_start(struct new_files *files, struct reason *why);

#endif
