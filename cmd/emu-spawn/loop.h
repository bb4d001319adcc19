#ifndef LOOP_H
#define LOOP_H

#include "run.h"

/* Runs until the emulator has ended and all that it wrote is delivered or
 * given up. What happens is recorded in *run. */
void loop_run(struct run *run);

#endif
