#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stddef.h>

/* Closes all but these, in any order; -1 is none. */
void descriptors_keep(const int *kept, size_t count);

#endif
