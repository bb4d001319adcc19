#ifndef PARALLEL_COPY_H
#define PARALLEL_COPY_H

#include "extent_copy.h"

#include <stddef.h>

/* Bytes that are to be copied, and where they go. */
struct copy_range {
	uint64_t from, to, len;
};

/* extent_copy of several ranges that do not overlap, by as many threads as
 * there are processors: reading is what they can do at the same time. copy->see
 * is NULL. Returns 0, or -1 with errno set as extent_copy does. */
int parallel_copy(
    struct extent_copy *copy, const struct copy_range *ranges, size_t count);

#endif
