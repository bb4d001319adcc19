#ifndef DEVICES_H
#define DEVICES_H

#include "machine.h"
#include "words.h"

/* Fills in the defaults of the devices that no other module has, and of the
 * switches, and checks them. */
void devices_complete(struct machine *machine);

/* Adds the words of the random number generator. */
void devices_rng_words(const struct machine *machine, struct words *words);

/* Adds the words of pvpanic, isa-debug-exit, vsock, the shares, rtc,
 * -no-reboot, -sandbox and semihosting. */
void devices_words(const struct machine *machine, struct words *words);

#endif
