#ifndef MACHINE_H
#define MACHINE_H

#include "document.h"
#include "guest.h"
#include "reason.h"

#include <stdbool.h>

/* What a document says of the machine that the command is to run in. */
struct machine {
	const char *target; /* borrowed from the document, as are the others */
	const char *kernel; /* path of the kernel */
	bool network;       /* it has a network device */
};

/* Reads it. Refused are guests other than Linux, a document without a kernel,
 * and one that has an initrd already. Returns 0, or -1 with the reason. */
int machine_read(const struct document *document, struct machine *machine,
    struct reason *why);

/* Adds the initrd, the shares and the ports of the command to the document.
 * Returns 0, or -1 with the reason. */
int machine_extend(struct document *document, const char *initrd,
    const struct guest *guest, struct reason *why);

#endif
