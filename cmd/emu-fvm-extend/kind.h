#ifndef KIND_H
#define KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KIND_BYTES = 4096 }; /* as much of a file's beginning as helps */

/* What a file that is not an FVM is, told by its first bytes. */
struct kind {
	const char *what; /* "an ext4 file system" */
	const char *hint; /* what to do about it, or NULL */
	bool packed;      /* holds an image that has to be unpacked first */
	bool fxfs;
};

/* Returns NULL when the first len bytes tell nothing. */
const struct kind *kind_of(const uint8_t *bytes, size_t len);

#endif
