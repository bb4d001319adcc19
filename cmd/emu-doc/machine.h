#ifndef MACHINE_H
#define MACHINE_H

#include "document.h"
#include "options.h"
#include "plan.h"

#include <jansson.h>

/* The document of the plan (emu-document(5)): a new reference, or NULL with the
 * reason. */
json_t *machine_document(
    const struct plan *plan, const struct options *options, struct reason *why);

/* Puts what a document of Fuchsia needs into it: guest, target, cpu, memory. */
int machine_fuchsia(
    struct document *document, const struct target *target, struct reason *why);

#endif
