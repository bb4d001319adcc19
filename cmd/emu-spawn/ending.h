#ifndef ENDING_H
#define ENDING_H

#include "machine.h"

#include <stdint.h>

/* How a machine ends: asked by QMP, told by SIGTERM, killed, buried, drained.
 */

/* Something is decided: from now on the emulator is told to end, or, if it
 * should do so by itself, after the grace. In other states nothing happens. */
void ending_begin(struct machine *machine, uint64_t now);
void ending_expect(struct machine *machine, uint64_t now);

/* The time to tell it more has come, or somebody is impatient. */
void ending_escalate(struct machine *machine, uint64_t now);

/* Reaps what died; when the emulator did, kills what it left and begins to
 * drain. */
void ending_reap(struct machine *machine, uint64_t now);

#endif
