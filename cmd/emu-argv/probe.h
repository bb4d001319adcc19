#ifndef PROBE_H
#define PROBE_H

#include "reason.h"
#include "words.h"

/* Asks the emulator (the first word) whether it knows the others: options,
 * machine, CPU, accelerator, devices and their properties, objects, character
 * and network devices. No guest is started; the scale is that of the time
 * limits. Returns 0, or -1 with the reason, which begins with the origin of
 * what it does not know. */
int probe_words(const struct words *words, double scale, struct reason *why);

#endif
