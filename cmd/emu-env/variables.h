#ifndef VARIABLES_H
#define VARIABLES_H

#include "document.h"
#include "reason.h"

enum { VARIABLES = 8 };

/* What a test has to know about the machine. */
struct variable {
	const char *name;
	char *value; /* owned; NULL: there is none */
};

/* Stores the VARIABLES variables of the document's machine, in a fixed order.
 * Returns 0, or -1 with the reason; variables_free frees either way. */
int variables_make(const struct document *document,
    struct variable list[static VARIABLES], struct reason *why);
void variables_free(struct variable list[static VARIABLES]);

#endif
