#ifndef DRIVES_H
#define DRIVES_H

#include "build.h"

/* The drives of the document, and botanist's two for a guest fuchsia. */
void drives_add(struct build *build);

/* The flash pair, and with it a guest fuchsia's disk to boot. */
void drives_flash(struct build *build);

#endif
