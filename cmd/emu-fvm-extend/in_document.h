#ifndef IN_DOCUMENT_H
#define IN_DOCUMENT_H

#include "options.h"
#include "reason.h"

/* Reads the document, grows its FVM disk and writes the document on. Returns 0,
 * or -1 with the reason and nothing written. */
int in_document(const struct options *options, struct reason *why);

#endif
