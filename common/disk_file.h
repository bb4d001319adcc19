#ifndef DISK_FILE_H
#define DISK_FILE_H

#include "reason.h"

enum { DISK_FILE_NAME = 1024 }; /* of a backing file, with its NUL */

/* A disk image, and the backing file that is named in it. Initialize with its
 * path, name and format. */
struct disk_file {
	const char *path, *name;   /* messages call it name */
	const char *format;        /* QEMU's; NULL: what its content says */
	char next[DISK_FILE_NAME]; /* as it is written there; "": none */
	char next_format[16];      /* "": not said */
};

/* Finds out what other file QEMU would open with the image. Stores what it was
 * taken for in `format`, and the backing file of a qcow2 image in `next`.
 * Refused are images that refer to other files in another way, and formats that
 * are not known here. Returns 0, or -1 with the reason. */
int disk_file_look(struct disk_file *file, struct reason *why);

#endif
