#ifndef LOAD_H
#define LOAD_H

#include "machine.h"

/* Reads the document, fills in what it leaves out, and checks and decides all
 * there is to decide. The document must live as long as the machine. Returns 0,
 * or -1 with the reason; machine_free frees either way. */
int load_machine(struct machine *machine, const struct document *document,
    enum monitor monitor, struct reason *why);

#endif
