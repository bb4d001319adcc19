#ifndef EMULATOR_H
#define EMULATOR_H

#include "machine.h"

/* Asks the emulator, where the machine needs it, which form of monitor it
 * wants, and whether it has a machine whose name has a version; where it has
 * not, the program ends. An emulator that is not there has everything. */
void emulator_look(struct machine *machine);

#endif
