#ifndef NETWORK_H
#define NETWORK_H

#include "machine.h"
#include "words.h"

/* Fills in the defaults of the network devices and checks them. The device that
 * user_networking asks for becomes the first one. */
void network_complete(struct machine *machine);

void network_words(const struct machine *machine, struct words *words);

#endif
