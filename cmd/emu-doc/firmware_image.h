#ifndef FIRMWARE_IMAGE_H
#define FIRMWARE_IMAGE_H

#include "kind.h"

/* Whether the source is firmware: of UEFI, whole or its code or its variables
 * alone, or a PC's BIOS. */
bool firmware_image_look(struct source *source, struct kind *kind);

/* Makes it one that the firmware of a PC starts, of 64 bits or of 32. */
void firmware_image_for_pc(struct kind *kind, const struct source *source);

#endif
