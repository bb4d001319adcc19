#ifndef ARGS_H
#define ARGS_H

#include "machine.h"
#include "words.h"

/* The kernel's arguments: botanist's or what Linux needs, the roots, and the
 * document's own. */
void args_make(const struct machine *machine, struct words *args);

#endif
