#ifndef VARIABLES_H
#define VARIABLES_H

#include "document.h"

/* The most variables there are: those of every machine, and 64 ports. */
enum { VARIABLES = 9 + 64 };

enum {
	STATUS_FAILED = 125
}; /* exit status when emu-env itself fails, as of env(1) */

/* An environment variable that tells a test about the machine. */
struct variable {
	char name[24]; /* "": the end of the list */
	char *value;   /* owned; NULL: not set for this machine */
};

/* Stores the variables of the document's machine, in a fixed order, and the
 * host's port of each port N of the guest that is forwarded: EMU_PORT_N, or
 * EMU_PORT_UDP_N for UDP. The first forward of a port counts. A port that the
 * emulator chooses is read from $EMU_SCRATCH/ports, for which this waits ten
 * seconds at most; if EMU_SCRATCH is not set, the variable is not set either.
 * An error ends the program. */
void variables_make(
    const struct document *document, struct variable list[static VARIABLES]);
void variables_free(struct variable list[static VARIABLES]);

#endif
