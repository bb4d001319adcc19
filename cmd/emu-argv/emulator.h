#ifndef EMULATOR_H
#define EMULATOR_H

#include "machine.h"

/* Asks the emulator which form of monitor it takes, and whether it has the
 * machine, if the machine's name has a version. It is asked only when the words
 * depend on the answer. Ends the program when the emulator has no such machine.
 * An emulator that is not installed is taken to have everything. */
void emulator_look(struct machine *machine);

/* Returns what messages call the emulator, which the machine owns:
 * "qemu-system-x86_64 7.2.22". Ends the program when it cannot be run, or does
 * not answer as QEMU does. */
const char *emulator_name(struct machine *machine);

#endif
