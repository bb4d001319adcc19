#ifndef DECOMPRESS_H
#define DECOMPRESS_H

#include "stream.h"

/* Puts streams that decompress on top of *stream, as long as its first bytes
 * are of a known kind of compression. Returns whether there was one. A fault
 * ends the program. */
bool decompress(struct stream **stream);

#endif
