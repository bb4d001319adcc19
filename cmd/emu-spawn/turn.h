#ifndef TURN_H
#define TURN_H

#include "machine.h"

/* Waits until something happens to the machine, and deals with it. */
void turn(struct machine *machine);

#endif
