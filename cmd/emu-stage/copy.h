#ifndef COPY_H
#define COPY_H

#include "recipe.h"

/* Opens the new file of a recipe that is to be copied, and clones the source
 * where the file system can: recipe->is_there then. Returns 0, or -1 with the
 * reason. */
int copy_prepare(
    struct staging *staging, struct recipe *recipe, struct reason *why);

/* Copies the source. Stops with an error when staging->cancel is set;
 * staging->done grows by the bytes copied. Returns 0, or -1 with the reason. */
int copy_run(
    struct staging *staging, struct recipe *recipe, struct reason *why);

/* Copies what comes out of the FIFO that is the source. Returns 0, or -1 with
 * the reason. */
int copy_stream(
    struct staging *staging, struct recipe *recipe, struct reason *why);

#endif
