#ifndef ORPHANS_H
#define ORPHANS_H

#include "leased_dir.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a variable of a process's environment is the mark of the run of that
 * name: "EMU_SCRATCH=/dir/name" or "EMU_SPAWN=/dir/name". */
bool orphans_mark(const char *variable, const char *name);

/* Ends the processes of runs that were killed. A process is known by the mark
 * in its environment; one whose environment this user may not read is left.
 * Each is sent SIGTERM, and SIGKILL a tenth of a second later. */
void orphans_end(const struct leased_dir *runs, size_t count);

#endif
