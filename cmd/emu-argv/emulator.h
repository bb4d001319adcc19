#ifndef EMULATOR_H
#define EMULATOR_H

#include "machine.h"

/* What depends on the emulator found: the form of its monitor, and whether it
 * has a machine whose name has a version. It is asked once, and remembered; one
 * that cannot be asked has what is wanted. Returns 0, or -1 with the reason,
 * which names the machines that it has. */
int emulator_look(struct machine *machine, struct reason *why);

#endif
