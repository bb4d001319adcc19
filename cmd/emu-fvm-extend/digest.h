#ifndef DIGEST_H
#define DIGEST_H

/* The plain functions: EVP would load providers and a configuration first,
 * which costs more than all that is hashed here. */
#define OPENSSL_API_COMPAT 10100
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_AT = 64, DIGEST_BYTES = 32 };

/* The hash of one copy of the metadata: SHA-256 with its own place in the
 * header, DIGEST_BYTES at DIGEST_AT, taken as zero. The bytes come in order, in
 * pieces of any size. */
struct digest {
	SHA256_CTX sha;
	uint64_t at; /* bytes that have come */
};

void digest_begin(struct digest *digest);

/* Adds bytes; NULL stands for zeros. */
void digest_add(struct digest *digest, const uint8_t *bytes, uint64_t len);

void digest_end(struct digest *digest, uint8_t hash[DIGEST_BYTES]);

#endif
