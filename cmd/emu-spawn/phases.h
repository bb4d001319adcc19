#ifndef PHASES_H
#define PHASES_H

#include "run.h"

/* Once a turn, after everything that happened was recorded: what follows from
 * it. Limits pass, what is wanted of the machine is begun and ended, the run
 * goes on to its next phases, and run->due is stored. */
void phases_look(struct run *run);

#endif
