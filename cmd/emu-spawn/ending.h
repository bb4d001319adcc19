#ifndef ENDING_H
#define ENDING_H

#include "machine.h"

#include <stdint.h>

/* How a machine ends: asked by QMP, told by SIGTERM, killed; buried; drained.
 * `now` is clock_now. */

/* Something is decided: from now on the emulator is told to end. */
void ending_begin(struct machine *machine, uint64_t now);

/* It should end by itself now; it is told to after the grace. */
void ending_expect(struct machine *machine, uint64_t now);

/* The time to tell it more has come, or somebody is impatient. */
void ending_escalate(struct machine *machine, uint64_t now);

/* Reaps what died; when the emulator did, kills what it left and begins to
 * drain. */
void ending_reap(struct machine *machine, uint64_t now);

/* Whether all is drained, or nobody takes it: then the machine is done. */
void ending_look(struct machine *machine, uint64_t now);

#endif
