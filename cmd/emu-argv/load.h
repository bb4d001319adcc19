#ifndef LOAD_H
#define LOAD_H

#include "machine.h"

/* Reads the document, fills in what it leaves out, and checks and decides all
 * there is to decide; what is wrong ends the program. The document must live as
 * long as the machine, which machine_free frees. */
void load_machine(struct machine *machine, const struct document *document,
    enum monitor monitor);

#endif
