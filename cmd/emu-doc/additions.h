#ifndef ADDITIONS_H
#define ADDITIONS_H

#include "document.h"
#include "options.h"

/* Adds to a document what the options say. Values of its own that an option
 * gives are replaced, arrays are made longer. What does not go ends the
 * program. */
void additions_make(struct document *document, const struct options *options);

#endif
