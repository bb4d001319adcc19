#ifndef VARIABLES_H
#define VARIABLES_H

#include "document.h"

/* Returns the environment variables that tell a test about the document's
 * machine: an object with the name and the value of each, which is null when it
 * is not set for this machine. The caller frees it with json_decref. Values may
 * contain the bytes of file names that are not UTF-8. The variables of every
 * machine come first, in a fixed order, then the host's port of each port N of
 * the guest that is forwarded: EMU_PORT_N, or EMU_PORT_UDP_N for UDP. The first
 * forward of a port counts. A port that the emulator chooses is read from
 * $EMU_SCRATCH/ports, for which this waits ten seconds at most; if EMU_SCRATCH
 * is not set, the variable is not there. An error ends the program. */
json_t *variables_make(const struct document *document);

#endif
