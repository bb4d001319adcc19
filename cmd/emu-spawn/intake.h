#ifndef INTAKE_H
#define INTAKE_H

#include "machine.h"

#include <stdint.h>

/* What comes in: from the emulator, and for it. `now` is clock_now. */

/* Whether bytes of this line can be read now: there is room, or they are to be
 * dropped. */
bool intake_may_take(const struct machine *machine, const struct line *line);

/* Reads what the emulator wrote and gives it to whoever takes it. */
void intake_output(struct machine *machine, uint64_t now);

/* Gives all sinks what they take; a failed one is told and forgotten. */
void intake_give(struct machine *machine, uint64_t now);

/* stdout's reader is gone (EPIPE), or it failed otherwise: error is errno. */
void intake_reader_gone(struct machine *machine, int error, uint64_t now);

/* Reads QMP and heeds it. */
void intake_qmp(struct machine *machine, uint64_t now);

/* Reads what the user has for the guest. */
void intake_input(struct machine *machine, uint64_t now);

/* Reads what -X says for the guest. */
void intake_said(struct machine *machine, uint64_t now);

/* Writes what it takes to the emulator while it runs. */
void intake_feed(struct machine *machine, uint64_t now);

/* Counts the bytes that are still in the pipes, and throws them away. */
void intake_discard(struct machine *machine);

#endif
