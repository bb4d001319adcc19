#ifndef PORTS_H
#define PORTS_H

#include "variables.h"

#include <stddef.h>

/* Stores EMU_PORT_N, and of UDP EMU_PORT_UDP_N, for each port N of the guest
 * that the document forwards: the host's port. One that the emulator chooses is
 * read from $EMU_SCRATCH/ports, which is waited for; without that variable it
 * is not known. Of two for one the first counts. Returns 0, or -1 with the
 * reason.
 */
int ports_make(const struct document *document, struct variable *list,
    size_t most, struct reason *why);

#endif
