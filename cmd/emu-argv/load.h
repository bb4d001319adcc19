#ifndef LOAD_H
#define LOAD_H

#include "machine.h"

/* Reads the document into the machine, fills in defaults, checks the values,
 * and decides everything that the words depend on. An error ends the program.
 * The document must live as long as the machine, which machine_free frees. */
void load_machine(struct machine *machine, const struct document *document,
    enum monitor monitor);

#endif
