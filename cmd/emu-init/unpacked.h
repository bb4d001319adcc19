#ifndef UNPACKED_H
#define UNPACKED_H

#include "reason.h"

#include <stddef.h>

/* The largest file that is read, in bytes, packed and unpacked. */
enum { UNPACKED_MOST = 256 << 20 };

/* Returns what the bytes hold: if they are compressed in a way that libarchive
 * knows, the unpacked content, else the same bytes. Stores the length, after
 * which a NUL follows that is not counted. The caller frees the result. Returns
 * NULL with the reason if the content is damaged or larger than UNPACKED_MOST.
 * The program ends when memory is short. */
char *unpacked_bytes(
    const char *packed, size_t packed_len, size_t *len, struct reason *why);

/* The same for an open file, which messages call path. An error ends the
 * program. */
char *unpacked_file(int fd, const char *path, size_t *len);

#endif
