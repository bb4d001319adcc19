#ifndef PLAN_H
#define PLAN_H

#include "volume.h"

#include <stdbool.h>
#include <stdint.h>

/* How the slices come to their new places. */
enum move_way {
	MOVE_NOTHING, /* they stay */
	MOVE_COPY,    /* the data extents are copied to the new file */
	MOVE_CLONE,   /* the new file shares the old one's blocks */
	MOVE_SHIFT,   /* they are moved within the file, the last first */
};

/* What is to be done with one image, and how it was done. */
struct plan {
	const char *name; /* for messages; borrowed */
	uint64_t size;    /* of the file now, in bytes */
	uint64_t length;  /* the wanted size, in bytes */
	bool grow;        /* false: the file is large enough as it is */
	enum volume_state state;
	const struct magic *kind; /* of a file that is no FVM; may be NULL */
	struct volume volume;     /* when sound */
	struct reason why;        /* when not, with the name */
	struct geometry grown;    /* the new layout, when sound and to grow */
	enum move_way way;
	uint64_t bytes; /* that were written to move slices */
};

/* Looks at a file of `size` bytes, open as fd, and decides how it gets
 * `length` bytes. Returns whether there is nothing to do, or it can be done;
 * otherwise plan->state and plan->why tell what is in the way. Call plan_free
 * in both cases. */
bool plan_make(struct plan *plan, int fd, const char *name, uint64_t size,
    uint64_t length);

/* Writes the grown volume into `to`, an empty file that messages call to_name,
 * from the plan's image, open as `from`, which is only read. The slices are
 * cloned if the file system can, and copied otherwise; bytes that belong to no
 * slice, and runs of zeros, become holes. Stores in the plan how the slices
 * were moved. A failure ends the program. */
void plan_copy(struct plan *plan, int from, int to, const char *to_name);

/* Grows the plan's image, open as fd, in place; a failure ends the program and
 * leaves the image damaged. The result reads the same as that of plan_copy. */
void plan_apply(struct plan *plan, int fd);

void plan_free(struct plan *plan);

#endif
