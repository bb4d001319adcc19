#ifndef PROBE_H
#define PROBE_H

#include "words.h"

/* Asks the emulator, which is the first word, what it supports, and ends the
 * program when it lacks something that the words name: an option, a machine, a
 * CPU, an accelerator, a device, an object, a backend, or a property of one.
 * `scale` multiplies the limit on the time for an answer. */
void probe_words(const struct words *words, double scale);

#endif
