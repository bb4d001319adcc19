#ifndef SHIFT_H
#define SHIFT_H

#include <stdint.h>

/* Moves [start, end) of a file up by `by` bytes, the last extent first; holes
 * stay holes, and 256 KiB of zeros become one. What was in [end, end + by)
 * is overwritten; [start, start + by) is undefined afterwards. All three are
 * multiples of 8192. Adds the bytes written to *written. Returns 0, or -1 with
 * errno set. */
int shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written);

#endif
