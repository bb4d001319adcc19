#ifndef PLAN_H
#define PLAN_H

#include "move.h"
#include "volume.h"

#include <stdbool.h>
#include <stdint.h>

/* What is to be done with one image. */
struct plan {
	const char *name; /* for messages; borrowed */
	uint64_t size;    /* of the file now */
	uint64_t length;  /* wanted */
	bool grow;        /* false: the file is large enough as it is */
	enum volume_state state;
	const struct magic *kind; /* of a file that is no FVM; may be NULL */
	struct volume volume;     /* when sound */
	struct reason why;        /* when not, with the name */
	struct move move;         /* when sound and to grow */
};

/* Looks at a file of that size and decides. Returns whether there is nothing to
 * do or it can be done; else plan->why says why not, and the state what kind of
 * failure it is. plan_free either way. */
bool plan_make(struct plan *plan, int fd, const char *name, uint64_t size,
    uint64_t length);
void plan_free(struct plan *plan);

#endif
