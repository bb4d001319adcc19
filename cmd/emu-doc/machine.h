#ifndef MACHINE_H
#define MACHINE_H

#include "options.h"
#include "plan.h"

#include <jansson.h>

/* The document of the plan (emu-document(5)): a new reference, or NULL with the
 * reason. */
json_t *machine_document(
    const struct plan *plan, const struct options *options, struct reason *why);

/* Puts what a document of Fuchsia needs into it: target, cpu, memory, args. */
int machine_fuchsia(json_t *document, const char *target,
    const struct options *options, struct reason *why);

#endif
