#ifndef IN_DOCUMENT_H
#define IN_DOCUMENT_H

#include "options.h"

/* Reads the document, grows its FVM disk, and writes the document to stdout. A
 * failure ends the program. */
void in_document(const struct options *options);

#endif
