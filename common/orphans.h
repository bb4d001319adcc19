#ifndef ORPHANS_H
#define ORPHANS_H

#include "leased_dir.h"

#include <stddef.h>

/* The variables that say, in the environment of a run's processes, which
 * directory is theirs: emu-scratch's and emu-spawn's. */
#define ORPHANS_SCRATCH "EMU_SCRATCH"
#define ORPHANS_SPAWN "EMU_SPAWN"

/* Ends the processes of runs whose own processes were killed, told by their
 * environment: one of the variables is a path that ends in the run's name.
 * SIGTERM, a tenth of a second, SIGKILL. Those that may not be looked at are
 * left. */
void orphans_end(const struct leased_dir *runs, size_t count);

#endif
