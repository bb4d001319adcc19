#ifndef DECOMPRESS_H
#define DECOMPRESS_H

#include "stream.h"

/* Looks at the first bytes of *stream and, as often as they are compressed in a
 * way that is known here, puts a stream on top that decompresses them. Returns
 * 1 when something was compressed, 0 when not, or -1 with the reason. *stream
 * is the one to read and to close either way. */
int decompress(struct stream **stream, struct reason *why);

#endif
