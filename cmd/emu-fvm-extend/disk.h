#ifndef DISK_H
#define DISK_H

#include "image.h"
#include "whole_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

/* The image that is to grow, and the grown copy of it that is made if it cannot
 * grow in place. If one of these functions fails, it ends the program; then a
 * copy that was made is removed, and with it what fvm_tool may have left. */
struct disk {
	const char *name; /* of the image, as messages call it; borrowed */
	int fd;           /* the image: for reading, and for writing if own */
	struct stat st;   /* of the image, when it was opened */
	const struct image *image; /* its entry in the document; borrowed;
				      NULL: the disk is -f's file */
	bool own;      /* a private copy in the directory: it may be changed */
	int directory; /* where the copy goes; -1: none was given */
	char *base;    /* the copy's name there; owned */
	char *path;    /* of the copy, as messages and the document call it;
			  owned */
	struct whole_file copy; /* fd -1: it has not been begun */
	bool made;              /* the copy has its name, which was free */
};

/* Opens the file at disk->name for reading. It must be a regular file. */
void disk_open_file(struct disk *disk);

/* Opens the document's image, and the directory for private copies (NULL:
 * none). An image is our own if an earlier filter has marked it as staged and
 * it is a regular file with one link, directly inside the directory. */
void disk_open(
    struct disk *disk, const struct image *image, const char *directory);

/* Makes the functions of fatal.h remove the copy. *disk must not move until
 * disk_close. */
void disk_guard(struct disk *disk);

/* Begins the copy, disk->copy.fd: an empty file without a name. A copy that has
 * been begun stays as it is. */
void disk_begin(struct disk *disk);

/* Gives up for ever what growing the disk does not need once its files are
 * open: the rights to open any other file, to start a program, and to use the
 * network (sandbox.h). The process can still add and remove names in the
 * directory of a copy that has been begun. Call it before a thread is started,
 * and before the first byte of the image is read. */
void disk_confine(const struct disk *disk);

/* Fails if the image was written to after it was opened. */
void disk_check_unchanged(const struct disk *disk);

/* Gives the finished copy its name. The name must be free, unless it is that of
 * the image itself, marked as staged by an earlier filter. Fails as
 * disk_check_unchanged does. */
void disk_finish(struct disk *disk);

/* Records the copy and its size in bytes in the document's entry. */
void disk_record(const struct disk *disk, uint64_t size);

/* Closes the disk; a copy that has its name stays. *disk may be {0}. */
void disk_close(struct disk *disk);

#endif
