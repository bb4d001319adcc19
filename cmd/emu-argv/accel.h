#ifndef ACCEL_H
#define ACCEL_H

#include "reason.h"

/* Asks the emulator to run a few million instructions under KVM with this
 * machine and CPU (-machine and -cpu values); the scale is that of the time
 * limits. Returns 0 when it does so at a processor's speed, or -1 with the
 * reason. */
int accel_prove(const char *emulator, const char *target, const char *machine,
    const char *cpu, double scale, struct reason *why);

#endif
