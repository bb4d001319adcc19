#ifndef DEVICES_H
#define DEVICES_H

#include "build.h"

/* The random number generator: the document's, or botanist's where it has one.
 */
void devices_rng(struct build *build);

/* pvpanic, isa-debug-exit, vsock, 9p shares, semihosting, rtc, -no-reboot and
 * -sandbox. */
void devices_add(struct build *build);

#endif
