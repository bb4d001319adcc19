#ifndef NETWORK_H
#define NETWORK_H

#include "build.h"

/* The address under the place's key "mac", or what it is when absent, for the
 * device number i; NULL when there is none. */
const char *network_mac(struct build *build, const struct place *place,
    unsigned i, const char *absent);

/* The network devices. */
void network_add(struct build *build);

#endif
