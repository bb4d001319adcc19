#ifndef PHASES_H
#define PHASES_H

#include "run.h"

#include <stdint.h>

/* Once a turn, after everything that happened was recorded: what follows from
 * it. Limits pass, what is wanted of the machine is begun and ended, and the
 * run goes on to its next phases. */
void phases_look(struct run *run, uint64_t now);

/* When the next look is due (clock_now); UINT64_MAX: when something happens. */
uint64_t phases_due(const struct run *run);

#endif
