#ifndef SHIFT_H
#define SHIFT_H

#include <stdbool.h>
#include <stdint.h>

/* Moves [start, end) of a file up by `by` bytes, the last block first; holes
 * stay holes, and long runs of zeros become some. What was in [end, end + by)
 * is overwritten; [start, start + by) is undefined afterwards. All three are
 * multiples of 8192. Adds the bytes written to *written. Returns 0, or -1 with
 * errno set. */
int shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written);

/* cachestat(2), on every architecture; the C library does not know it yet. */
enum { SHIFT_CACHESTAT = 451 };

/* Whether [start, end) has much data, little of it in memory: then it is
 * cheaper to let the file system insert room before it, which has to write out
 * and forget what is in memory (fvm.md 8). */
bool shift_is_cold(int fd, uint64_t start, uint64_t end);

#endif
