#ifndef DRIVES_H
#define DRIVES_H

#include "machine.h"
#include "words.h"

/* Fills in the defaults of the drives and checks them. Botanist's two drives
 * become the first ones. */
void drives_complete(struct machine *machine);

void drives_words(const struct machine *machine, struct words *words);

/* Adds the words of the flash devices, and of the disk that the firmware of a
 * guest fuchsia boots. */
void drives_flash_words(const struct machine *machine, struct words *words);

/* Adds the kernel's root= and the arguments that belong to it. */
void drives_root_args(const struct machine *machine, struct words *args);

#endif
