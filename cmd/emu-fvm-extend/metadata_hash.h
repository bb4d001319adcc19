#ifndef METADATA_HASH_H
#define METADATA_HASH_H

#include "digest.h"

#include <stdint.h>

enum { METADATA_HASH_AT = 64 };

/* The hash of one copy of the metadata: SHA-256 with its own place in the
 * header, DIGEST_BYTES at METADATA_HASH_AT, taken as zero. The bytes come in
 * order, in pieces of any size. */
struct metadata_hash {
	struct digest digest;
	uint64_t at; /* bytes that have come */
};

void metadata_hash_start(struct metadata_hash *hash);

/* Adds bytes; NULL stands for zeros. */
void metadata_hash_add(
    struct metadata_hash *hash, const uint8_t *bytes, uint64_t len);

void metadata_hash_end(struct metadata_hash *hash, uint8_t bytes[DIGEST_BYTES]);

#endif
