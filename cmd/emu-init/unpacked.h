#ifndef UNPACKED_H
#define UNPACKED_H

#include "reason.h"

#include <stddef.h>

enum { UNPACKED_MOST = 256 << 20 };

/* Reads a file whole, unpacked when it is compressed in a way that libarchive
 * knows. The caller frees *bytes. More than UNPACKED_MOST bytes are an error.
 * Returns 0, or -1 with the reason. */
int unpacked_file(
    const char *path, char **bytes, size_t *len, struct reason *why);

/* The same for bytes in memory, which messages call name. */
int unpacked_bytes(const char *name, const char *packed, size_t packed_len,
    char **bytes, size_t *len, struct reason *why);

#endif
