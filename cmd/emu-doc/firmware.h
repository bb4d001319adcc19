#ifndef FIRMWARE_H
#define FIRMWARE_H

#include "target.h"

struct firmware {
	char *code; /* the files of the flash pair; owned */
	char *vars;
};

/* Finds UEFI firmware for the target among the descriptions that QEMU's
 * packages install (QEMU, docs/interop/firmware.json): the first, in their
 * order, that needs no Secure Boot or SMM and whose files are there. Where
 * there is none, the program ends with a line that names the file that needs
 * it. */
void firmware_find(
    const struct target *target, const char *file, struct firmware *firmware);

/* The target that the file is described for, or NULL. */
const struct target *firmware_target(
    const char *file, const struct targets *targets);

void firmware_free(struct firmware *firmware);

#endif
