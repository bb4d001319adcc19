#ifndef SHIFT_H
#define SHIFT_H

#include <stdint.h>

/* Moves the bytes from start to end (exclusive) of a file up by `by` bytes, the
 * last extent first. All three are multiples of 8192. Holes stay holes, and
 * blocks of 256 KiB of zeros become holes. The bytes from end to end + by are
 * overwritten, and those from start to start + by are undefined afterwards.
 * Adds the number of bytes written to *written. Returns 0, or -1 with errno
 * set. */
int shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written);

#endif
