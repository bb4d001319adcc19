#ifndef PACKED_H
#define PACKED_H

#include "kind.h"

/* Decompresses the beginning of a file that is KIND_PACKED with the program for
 * its format, and changes *kind to what the content is, if a machine can use
 * that. */
void packed_look(struct source *source, const char *file, struct kind *kind);

#endif
