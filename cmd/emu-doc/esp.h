#ifndef ESP_H
#define ESP_H

#include "source.h"

/* Looks in the FAT file system at offset for the programs that UEFI starts by
 * default, EFI/BOOT/BOOT*.EFI. Returns the number of those that are for a known
 * target, and stores the target of the last one. */
unsigned esp_look(
    struct source *source, uint64_t offset, const struct target **target);

#endif
