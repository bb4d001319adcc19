#ifndef PARALLEL_COPY_H
#define PARALLEL_COPY_H

#include "extent_copy.h"

#include <stddef.h>

/* A range of bytes to be copied: offsets in the two files, and the length. */
struct copy_range {
	uint64_t from, to, len;
};

/* Calls extent_copy for ranges that do not overlap, in as many threads as there
 * are processors, because reads of several ranges can overlap in time.
 * copy->see must be NULL. Returns 0, or -1 with errno set as extent_copy does.
 */
int parallel_copy(
    struct extent_copy *copy, const struct copy_range *ranges, size_t count);

#endif
