#ifndef PROCESSORS_H
#define PROCESSORS_H

#include <stddef.h>

/* How many processors this process may run on: at least 1, at most max. */
size_t processors(size_t max);

#endif
