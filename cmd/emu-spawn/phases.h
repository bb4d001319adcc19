#ifndef PHASES_H
#define PHASES_H

#include "run.h"

/* Decides what follows from what was recorded; to be called once a turn. Checks
 * the limits, begins and ends what is kept of the machine, takes the run to its
 * next phase, and stores run->due. */
void phases_look(struct run *run);

#endif
