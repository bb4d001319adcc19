#ifndef SIZE_H
#define SIZE_H

#include <stdint.h>

/* Parses a number of bytes: decimal digits and an optional suffix K, M, G or T,
 * in either case, for powers of 1024. Returns 0, or -1 when the text is not a
 * size or the size does not fit in an off_t. */
int size_parse(const char *text, uint64_t *bytes);

#endif
