#ifndef SOURCE_H
#define SOURCE_H

#include "recipe.h"

/* Looks at recipe->file and fills in st, is_file and size; of a FIFO, st alone.
 * What is neither file, disk nor FIFO is refused. */
void source_look(struct recipe *recipe);

/* Opens the file for reading; a FIFO only once, and that waits for its writer.
 * Another file than source_look has seen is refused. */
int source_open(const struct recipe *recipe);

/* Refuses a file that is no longer as source_look has seen it: one that is
 * written to while it is read is an image that never was. */
void source_check(const struct recipe *recipe);

#endif
