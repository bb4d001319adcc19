#ifndef FIRMWARE_H
#define FIRMWARE_H

#include "target.h"

#include <jansson.h>

/* Finds UEFI firmware for the target in the descriptors that QEMU's packages
 * install (QEMU, docs/interop/firmware.json): the first, in the order of their
 * names, that needs no Secure Boot or SMM and whose files exist. Stores the
 * paths of the two flash images, which belong to the descriptor; returns that,
 * a new reference. If there is none, ends the program with a line that names
 * `file`, which needs the firmware. */
json_t *firmware_find(const struct target *target, const char *file,
    const char **code, const char **vars);

/* Returns the target of the descriptor that names the file, or NULL. */
const struct target *firmware_target(
    const char *file, const struct targets *targets);

#endif
