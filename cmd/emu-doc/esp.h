#ifndef ESP_H
#define ESP_H

#include "source.h"

/* Looks in the FAT file system at offset for the programs that UEFI starts by
 * default, EFI/BOOT/BOOT*.EFI. Returns the number of those that are for a known
 * target, and stores the target of the last one. */
unsigned esp_look(
    struct source *source, uint64_t offset, const struct target **target);

/* Whether the root directory of the FAT file system at the beginning has what
 * its boot sector would start: DOS, FreeDOS, Windows, syslinux or GRUB4DOS. */
bool esp_has_system(struct source *source);

#endif
