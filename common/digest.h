#ifndef DIGEST_H
#define DIGEST_H

/* OpenSSL's low-level functions are deprecated, but EVP would first load
 * providers and a configuration, which takes half a millisecond. */
#define OPENSSL_API_COMPAT 10100
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DIGEST_BYTES = SHA256_DIGEST_LENGTH,
	DIGEST_TEXT = 2 * DIGEST_BYTES + 1,
};

/* A SHA-256 being computed; there is nothing to free. */
struct digest {
	SHA256_CTX sha;
};

/* Starts the computation. */
void digest_start(struct digest *digest);

/* Adds len bytes of data, or len zeros when data is NULL, to a struct digest.
 * It can be the `see` of an extent_copy. */
void digest_add(void *digest, const void *data, uint64_t len);

/* Stores the digest of all that was added. */
void digest_end(struct digest *digest, unsigned char bytes[DIGEST_BYTES]);

/* Stores the digest in lower-case hexadecimal with a NUL. */
void digest_text(
    const unsigned char bytes[DIGEST_BYTES], char text[DIGEST_TEXT]);

/* The same as digest_end, followed by digest_text. */
void digest_end_text(struct digest *digest, char text[DIGEST_TEXT]);

/* Stores the SHA-256 of the first size bytes of the file open as fd, whose
 * holes are not read. Returns 0, or -1 with errno set and text "". */
int digest_file(int fd, uint64_t size, char text[DIGEST_TEXT]);

#endif
