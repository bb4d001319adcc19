#ifndef PROCESSORS_H
#define PROCESSORS_H

#include <stddef.h>

/* Returns the number of processors that this process may run on, from 1 to max.
 */
size_t processors(size_t max);

#endif
