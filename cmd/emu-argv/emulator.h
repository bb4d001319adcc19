#ifndef EMULATOR_H
#define EMULATOR_H

#include "build.h"

/* Names the emulator: in the document's "path", which has to hold it, or the
 * bare name. */
void emulator_find(struct build *build);

/* Decides about KVM. */
void emulator_accel(struct build *build);

#endif
