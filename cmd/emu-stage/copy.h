#ifndef COPY_H
#define COPY_H

#include "recipe.h"

/* Opens the new file of a recipe that is to be copied, and clones the source
 * where the file system can; else recipe->ranges says how many copy_range has
 * to copy. Returns 0, or -1 with the reason. */
int copy_prepare(
    struct staging *staging, struct recipe *recipe, struct reason *why);

/* Copies one of the ranges, from 0; several threads may at once. Stops with an
 * error when *cancel is set; *done grows by the bytes copied. Whoever copies
 * the last one checks that the source is as it was. Returns 0, or -1 with the
 * reason. */
int copy_range(struct recipe *recipe, size_t range, const atomic_bool *cancel,
    _Atomic uint64_t *done, struct reason *why);

/* Copies what comes out of the FIFO that is the source. Returns 0, or -1 with
 * the reason. */
int copy_stream(
    struct staging *staging, struct recipe *recipe, struct reason *why);

#endif
