#ifndef DRIVES_H
#define DRIVES_H

#include "build.h"

/* The drives of the document, and botanist's two for a guest fuchsia. */
void drives_add(struct build *build);

#endif
