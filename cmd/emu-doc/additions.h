#ifndef ADDITIONS_H
#define ADDITIONS_H

#include "document.h"
#include "options.h"

/* Adds to a document what the options say. Values of its own that an option
 * gives are replaced, arrays are made longer. Returns 0, or -1 with the reason.
 */
int additions_make(struct document *document, const struct options *options,
    struct reason *why);

#endif
