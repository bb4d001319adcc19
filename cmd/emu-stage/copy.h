#ifndef COPY_H
#define COPY_H

#include "recipe.h"

/* Opens the new file of a recipe that copies its source. If the file system can
 * clone the source, the file is complete, and recipe->is_there is set. These
 * functions end the program when they fail. */
void copy_prepare(struct staging *staging, struct recipe *recipe);

/* Copies the source into the new file. staging->done grows by the bytes that
 * are done. */
void copy_run(struct staging *staging, struct recipe *recipe);

/* Copies the bytes of a source that is a FIFO until its writer closes it. */
void copy_stream(struct staging *staging, struct recipe *recipe);

#endif
