#ifndef DEVICES_H
#define DEVICES_H

#include "machine.h"
#include "words.h"

/* Completes and checks the other devices and the switches. */
void devices_complete(struct machine *machine);

/* The random number generator. */
void devices_rng_words(const struct machine *machine, struct words *words);

/* pvpanic, isa-debug-exit, vsock, 9p shares, rtc, -no-reboot, -sandbox and
 * semihosting. */
void devices_words(const struct machine *machine, struct words *words);

#endif
