#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <stddef.h>

/* Closes all descriptors of this process except these, which may be in any
 * order; a -1 among them is ignored. */
void descriptors_keep(const int *kept, size_t count);

#endif
