#ifndef GZIP_H
#define GZIP_H

#include "stream.h"

/* Tells whether bytes are the beginning of gzip data, as far as they go. */
bool gzip_begins(const void *start, size_t len);

/* When *stream begins with gzip (RFC 1952), puts a stream on top of it that
 * decompresses it with ISA-L, in half of the time that libarchive takes. Zeros
 * behind a member are passed over; what else follows the last one is given back
 * to the stream below at the end. Returns whether there is one now: never
 * without ISA-L (HAVE_ISAL). */
bool gzip_open(struct stream **stream);

#endif
