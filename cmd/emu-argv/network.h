#ifndef NETWORK_H
#define NETWORK_H

#include "machine.h"
#include "words.h"

/* Completes and checks the network devices, the one that user_networking speaks
 * of before the document's. */
void network_complete(struct machine *machine);

void network_words(const struct machine *machine, struct words *words);

#endif
