#ifndef PROBE_H
#define PROBE_H

#include "words.h"

/* Asks the emulator, the first word, what it has, and ends the program when it
 * does not have what the words name: machine, CPU, accelerator, devices,
 * objects, backends and their properties, options. Limits are scaled. */
void probe_words(const struct words *words, double scale);

#endif
