#ifndef SIGNAL_CLEANUP_H
#define SIGNAL_CLEANUP_H

#include "new_files.h"
#include "reason.h"

/* Starts a thread that handles the signals that end a process: it removes the
 * new files, even while other threads block, and then lets the signal end the
 * process. Signals that were ignored stay ignored. SIGPIPE and SIGXFSZ become
 * ignored, so that the write fails instead. Call it before any other thread is
 * started. Returns 0, or -1 with the reason. */
int signal_cleanup_start(struct new_files *files, struct reason *why);

#endif
