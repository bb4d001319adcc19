#ifndef IMAGE_CLAIM_H
#define IMAGE_CLAIM_H

#include "document.h"
#include "image.h"
#include "reason.h"

#include <stdint.h>

/* What an entry of "images" says of its file's bytes. */
struct image_claim {
	const char *sha256; /* in hexadecimal; NULL: nothing; borrowed */
	int64_t size;       /* bytes; -1: nothing */
};

/* Reads the entry's `sha256` and `size`. Returns 0, or -1 with the reason. */
int image_claim_read(struct image_claim *claim, const struct document *document,
    const struct image *image, struct reason *why);

/* Holds a file of `size` bytes and that SHA-256 ("": not known, and not looked
 * at) against the claim; messages call the file name. Returns 0, or -1 with the
 * reason. */
int image_claim_check(const struct image_claim *claim, const char *name,
    uint64_t size, const char *digest, struct reason *why);

#endif
