#ifndef DRIVES_H
#define DRIVES_H

#include "machine.h"
#include "words.h"

/* Completes and checks the drives, botanist's two before the document's. */
void drives_complete(struct machine *machine);

void drives_words(const struct machine *machine, struct words *words);

/* The flash pair, and with it a guest fuchsia's disk to boot. */
void drives_flash_words(const struct machine *machine, struct words *words);

/* The kernel's root= and what goes with it. */
void drives_root_args(const struct machine *machine, struct words *args);

#endif
