#ifndef DIGEST_H
#define DIGEST_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_AT = 64, DIGEST_BYTES = 32 };

/* The hash of one copy of the metadata: SHA-256 with its own place in the
 * header, DIGEST_BYTES at DIGEST_AT, taken as zero. The bytes come in order, in
 * pieces of any size. */
struct digest {
	EVP_MD_CTX *ctx;
	uint64_t at; /* bytes that have come */
	bool failed;
};

void digest_begin(struct digest *digest);

/* Adds bytes; NULL stands for zeros. */
void digest_add(struct digest *digest, const uint8_t *bytes, uint64_t len);

/* Stores the hash and frees. Returns 0, or -1 when SHA-256 is not to be had. */
int digest_end(struct digest *digest, uint8_t hash[DIGEST_BYTES]);

#endif
