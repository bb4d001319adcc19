#ifndef EMULATOR_H
#define EMULATOR_H

#include "build.h"

/* Names the emulator: in the document's "path", which has to hold it, or the
 * bare name. */
void emulator_find(struct build *build);

/* Decides about KVM. */
void emulator_accel(struct build *build);

/* The document's CPU; NULL when it names none, or one that only KVM has and
 * "auto" has chosen against that. */
const char *emulator_cpu(const struct build *build);

#endif
