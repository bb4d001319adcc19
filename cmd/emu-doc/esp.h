#ifndef ESP_H
#define ESP_H

#include "source.h"

/* Looks for the programs that UEFI starts by itself, EFI/BOOT/BOOT*.EFI, in the
 * FAT file system at offset. Returns how many there are for machines known
 * here; *target is that of the last. */
unsigned esp_look(
    struct source *source, uint64_t offset, const struct target **target);

#endif
