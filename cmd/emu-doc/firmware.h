#ifndef FIRMWARE_H
#define FIRMWARE_H

#include "target.h"

struct firmware {
	char *code; /* paths of the two flash images; owned */
	char *vars;
};

/* Finds UEFI firmware for the target in the descriptors that QEMU's packages
 * install (QEMU, docs/interop/firmware.json): the first, in the order of their
 * names, that needs no Secure Boot or SMM and whose files exist. If there is
 * none, ends the program with a line that names `file`, which needs the
 * firmware. */
void firmware_find(
    const struct target *target, const char *file, struct firmware *firmware);

/* Returns the target of the descriptor that names the file, or NULL. */
const struct target *firmware_target(
    const char *file, const struct targets *targets);

void firmware_free(struct firmware *firmware);

#endif
