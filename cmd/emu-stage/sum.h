#ifndef SUM_H
#define SUM_H

#include <stddef.h>
#include <stdint.h>

/* A sum of a file's bytes that depends on where they are: any change within
 * eight bytes changes it, and a larger one but once in 2^64. It finds damage,
 * not malice. Zeros and holes count for nothing, so that the sums of the parts
 * of a file, taken in any order, add up to that of the whole. Start with {.at =
 * the offset of the first byte}, which is a multiple of 8. */
struct sum {
	uint64_t at;
	uint64_t value;
};

/* Adds len bytes at *context, a struct sum; data NULL: zeros. Only at the end
 * of the file may len be no multiple of 8. It fits extent_copy's `see`. */
void sum_add(void *context, const void *data, size_t len);

#endif
