#ifndef DISK_H
#define DISK_H

#include "image.h"
#include "whole_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* The document's disk, and the directory that private copies belong into. */
struct disk {
	const struct image *image; /* the entry; borrowed; NULL: not open */
	char *source;              /* the image's path, as it was; owned */
	int fd;                    /* the image; for reading unless own */
	struct stat st;
	bool own;      /* a private copy in the directory: may be changed */
	int directory; /* -1 when there is none */
	char *path;    /* of the private copy, made or to be made; owned */
	struct whole_file copy; /* one that is being made */
	bool made;              /* it has its name, which was free */
};

/* Opens the image, and the directory (NULL: none). Only an image that an
 * earlier filter has marked as staged, a regular file with one link, directly
 * inside the directory, is our own. A failure of these functions ends the
 * program, and removes a private copy that was made, and what fvm_tool may have
 * left. */
void disk_open(
    struct disk *disk, const struct image *image, const char *directory);

/* Begins a private copy, disk->copy.fd: an empty file without a name; one that
 * has been begun stays. */
void disk_begin(struct disk *disk);

/* Gives the finished copy its name, unless the source has been changed since it
 * was opened. */
void disk_finish(struct disk *disk);

/* Enters the private copy into the document. */
void disk_record(const struct disk *disk, uint64_t size);

/* Closes it; the private copy stays. Also for {0}. */
void disk_close(struct disk *disk);

#endif
