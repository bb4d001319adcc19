#ifndef MACHINE_H
#define MACHINE_H

#include "plan.h"

#include <jansson.h>

/* Returns the document of the planned machine (emu-document(5)), a new
 * reference. */
json_t *machine_document(const struct plan *plan);

/* Sets the target in the document of a Fuchsia machine, and gives guest, kvm,
 * cpu and memory a value where they have none. */
void machine_fuchsia(json_t *document, const struct target *target);

#endif
