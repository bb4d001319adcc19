#ifndef MOVE_H
#define MOVE_H

#include "volume.h"

#include <stdint.h>

/* How the slices come to their new place. */
enum move_way {
	MOVE_NOTHING, /* they stay */
	MOVE_COPY,    /* the data extents are copied to the new file */
	MOVE_CLONE,   /* the new file shares the old one's blocks */
	MOVE_SHIFT,   /* they are moved within the file, the last first */
};

/* What has to be done to a volume, and how it was done. */
struct move {
	const struct volume *volume;
	struct geometry grown;
	uint64_t length; /* of the grown file */
	enum move_way way;
	uint64_t bytes; /* that were written to move slices */
};

/* Writes the grown volume into `to`, an empty file, from `from`, which is only
 * read: cloned where the file system can, else copied; what no slice holds and
 * runs of zeros are holes. A failure ends the program, with the name of the
 * file that failed. */
void move_into(struct move *move, int from, const char *from_name, int to,
    const char *to_name);

/* Grows the volume in a file of `size` bytes, in place: after a failure, which
 * ends the program, nothing is left of it. The result reads the same as that of
 * move_into. */
void move_within(struct move *move, int fd, const char *name, uint64_t size);

#endif
