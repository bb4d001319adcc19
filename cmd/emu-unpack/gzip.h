#ifndef GZIP_H
#define GZIP_H

#include "stream.h"

/* Decompresses gzip (RFC 1952) with ISA-L, in half of the time that libarchive
 * takes; without ISA-L (HAVE_ISAL) these are not there. */

/* Tells whether what starts with these bytes is gzip. */
bool gzip_knows(const unsigned char *start, size_t len);

/* Puts the decompression on top of a stream. Zeros behind a member are passed
 * over; what else follows the last one is given back to `below` at the end.
 * Returns NULL with the reason; below is the caller's then. */
struct stream *gzip_open(struct stream *below, struct reason *why);

#endif
