#ifndef IMAGE_CLAIM_H
#define IMAGE_CLAIM_H

#include "field.h"
#include "reason.h"

#include <stdint.h>

/* The digest and the size that an entry of "images" states for its file. */
struct image_claim {
	const char *sha256; /* in hexadecimal, borrowed; NULL: not stated */
	int64_t size;       /* bytes; -1: not stated */
};

/* Reads `sha256` and `size` of an entry. A failure is kept in *entry. */
void image_claim_read(struct image_claim *claim, struct fields *entry);

/* Compares a file's size and SHA-256 ("": not known, not compared) with the
 * claim. Messages call the file name. Returns 0 when they agree, or -1 with the
 * reason. */
int image_claim_check(const struct image_claim *claim, const char *name,
    uint64_t size, const char *digest, struct reason *why);

#endif
