#ifndef NETWORK_H
#define NETWORK_H

#include "build.h"

/* The network devices. */
void network_add(struct build *build);

#endif
