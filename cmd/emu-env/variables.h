#ifndef VARIABLES_H
#define VARIABLES_H

#include "document.h"

/* Those of every machine, and of as many ports. */
enum { VARIABLES = 9 + 64 };

enum { STATUS_FAILED = 125 }; /* emu-env's own failure, as env(1) has it */

/* What a test has to know about the machine. */
struct variable {
	char name[24]; /* "": there are no more */
	char *value;   /* owned; NULL: the machine has none */
};

/* Stores the variables of the document's machine, in a fixed order, and
 * EMU_PORT_N, of UDP EMU_PORT_UDP_N, for each port N of the guest that it
 * forwards: the host's port. One that the emulator chooses is read from
 * $EMU_SCRATCH/ports, which is waited for, ten seconds at most; without that
 * variable it is not known. Of two for one the first counts. What is wrong ends
 * emu-env. */
void variables_make(
    const struct document *document, struct variable list[static VARIABLES]);
void variables_free(struct variable list[static VARIABLES]);

#endif
