#ifndef LOOP_H
#define LOOP_H

#include "run.h"

/* Stays until the emulator is gone and all that it wrote is delivered. */
void loop_run(struct run *run);

#endif
