#ifndef VARIABLES_H
#define VARIABLES_H

#include "document.h"
#include "reason.h"

/* Those of every machine, and of as many ports. */
enum { VARIABLES = 9 + 64 };

/* What a test has to know about the machine. */
struct variable {
	char name[24];
	char *value; /* owned; NULL: there is none */
};

/* Stores the variables of the document's machine, in a fixed order, and those
 * of its ports. A port that the emulator chooses is read from
 * $EMU_SCRATCH/ports, which is waited for, ten seconds at most. Returns 0, or
 * -1 with the reason; variables_free frees either way. */
int variables_make(const struct document *document,
    struct variable list[static VARIABLES], struct reason *why);
void variables_free(struct variable list[static VARIABLES]);

#endif
