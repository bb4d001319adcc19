#ifndef MACHINE_H
#define MACHINE_H

#include "options.h"
#include "plan.h"

#include <jansson.h>

/* The document of the plan (emu-document(5)): a new reference. */
json_t *machine_document(
    const struct plan *plan, const struct options *options);

/* Puts the target into a document of Fuchsia, and what it needs else and does
 * not have: guest, kvm, cpu, memory. */
void machine_fuchsia(json_t *document, const struct target *target);

#endif
