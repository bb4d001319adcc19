#ifndef SOURCE_H
#define SOURCE_H

#include "recipe.h"

/* Looks at recipe->file and fills in st, is_file and size; of a FIFO, st alone.
 * What is neither file, disk nor FIFO is refused. Returns 0, or -1 with the
 * reason. */
int source_look(struct recipe *recipe, struct reason *why);

/* Opens the file for reading; a FIFO only once, and that waits for its writer.
 * Returns a descriptor, or -1 with the reason, also when it is another file
 * than source_look has seen. */
int source_open(const struct recipe *recipe, struct reason *why);

/* Tells whether the file still is as source_look has seen it; one that is
 * written to while it is read is an image that never was. Returns 0, or -1 with
 * the reason. */
int source_check(const struct recipe *recipe, struct reason *why);

#endif
