#ifndef PACKED_H
#define PACKED_H

#include "kind.h"

/* For a file that is KIND_PACKED: looks at the beginning of what it holds, with
 * the program that unpacks it, and changes kind to what a machine could do with
 * the file. */
void packed_look(struct source *source, const char *file, struct kind *kind);

#endif
