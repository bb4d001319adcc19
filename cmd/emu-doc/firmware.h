#ifndef FIRMWARE_H
#define FIRMWARE_H

#include "reason.h"
#include "target.h"

struct firmware {
	char *code; /* the files of the flash pair; owned */
	char *vars;
};

/* Finds UEFI firmware for the target among the descriptions that QEMU's
 * packages install (QEMU, docs/interop/firmware.json): the first, in their
 * order, that needs no Secure Boot or SMM and whose files are there. Returns 0,
 * or -1 with the reason. */
int firmware_find(
    const struct target *target, struct firmware *firmware, struct reason *why);

/* The target that the file is described for, or NULL. */
const struct target *firmware_target(
    const char *file, const struct targets *targets);

void firmware_free(struct firmware *firmware);

#endif
