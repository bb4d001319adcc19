#ifndef ADDITIONS_H
#define ADDITIONS_H

#include "document.h"
#include "options.h"

/* Changes the document as the options say: a value is replaced, and what an
 * array has is kept and added to. An option that does not fit the document ends
 * the program. */
void additions_make(struct document *document, const struct options *options);

#endif
