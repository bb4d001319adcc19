#ifndef KEEPING_H
#define KEEPING_H

#include "run.h"

#include <stdbool.h>
#include <stdint.h>

/* Once a turn: begins to load or to save a state when it is time to, and goes
 * on with what was begun. */
void keeping_turn(struct run *run, uint64_t now);

/* Whether the guest may be sent something: one whose state is being loaded or
 * saved would lose it. */
bool keeping_is_idle(const struct run *run);

/* The emulator is to end: whether something that is wanted of it before is
 * still being written. */
bool keeping_before_end(struct run *run);

#endif
