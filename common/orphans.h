#ifndef ORPHANS_H
#define ORPHANS_H

#include "leased_dir.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether this variable of a process's environment, "EMU_SCRATCH=/dir/name" or
 * "EMU_SPAWN=/dir/name", says that it belongs to the run of that name. */
bool orphans_mark(const char *variable, const char *name);

/* Ends the processes of runs whose own processes were killed, told by their
 * marks. SIGTERM, a tenth of a second, SIGKILL. Those that may not be looked at
 * are left. */
void orphans_end(const struct leased_dir *runs, size_t count);

#endif
