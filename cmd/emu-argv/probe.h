#ifndef PROBE_H
#define PROBE_H

#include "machine.h"
#include "words.h"

/* Asks the emulator what it supports, and ends the program when it lacks
 * something that the words name: an option, a machine, a CPU, an accelerator, a
 * device, an object, a backend, or a property of one. */
void probe_words(struct machine *machine, const struct words *words);

#endif
