#ifndef DECOMPRESS_H
#define DECOMPRESS_H

#include "stream.h"

/* Looks at the first bytes of *stream and, as often as they are compressed in a
 * way that is known here, puts a stream on top that decompresses them. Returns
 * whether something was compressed. */
bool decompress(struct stream **stream);

#endif
