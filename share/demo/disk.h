#ifndef DISK_H
#define DISK_H

#include <stdint.h>

enum {
	DISK_SECTOR = 512,
};

/* Reads sector 0 of the first virtio-blk disk on PCI. Returns its bytes; NULL
 * with *why "none" when there is no such disk, or what went wrong. */
const unsigned char *disk_first_sector(const char **why);

#endif
