#ifndef COPY_H
#define COPY_H

#include "recipe.h"

/* Opens the new file of a recipe that is to be copied, and clones the source
 * where the file system can: recipe->is_there then. */
void copy_prepare(struct staging *staging, struct recipe *recipe);

/* Copies the source; staging->done grows by the bytes copied. */
void copy_run(struct staging *staging, struct recipe *recipe);

/* Copies what comes out of the FIFO that is the source. */
void copy_stream(struct staging *staging, struct recipe *recipe);

#endif
