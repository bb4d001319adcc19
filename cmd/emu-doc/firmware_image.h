#ifndef FIRMWARE_IMAGE_H
#define FIRMWARE_IMAGE_H

#include "kind.h"

/* Returns whether the source is firmware, and then stores which: UEFI's code,
 * its variables, both in one file, or a PC's BIOS. */
bool firmware_image_look(struct source *source, struct kind *kind);

/* Sets the targets of a file that the firmware of a PC starts, a 64-bit or a
 * 32-bit one. */
void firmware_image_for_pc(struct kind *kind, const struct source *source);

#endif
