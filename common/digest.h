#ifndef DIGEST_H
#define DIGEST_H

/* The plain functions: EVP would load providers and a configuration first,
 * which takes half a millisecond. */
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

void digest_start(struct digest *digest);

/* Adds len bytes to the struct digest; data NULL: zeros. It fits extent_copy's
 * `see`. */
void digest_add(void *digest, const void *data, uint64_t len);

void digest_end(struct digest *digest, unsigned char bytes[DIGEST_BYTES]);

/* The same, in lower-case hexadecimal with a NUL. */
void digest_end_text(struct digest *digest, char text[DIGEST_TEXT]);

/* The SHA-256 of the first size bytes of the file open as fd; its holes are not
 * read. Returns 0, or -1 with errno and text "". */
int digest_file(int fd, uint64_t size, char text[DIGEST_TEXT]);

#endif
