#ifndef DIGEST_H
#define DIGEST_H

#include <openssl/evp.h>
#include <stddef.h>

enum { DIGEST_TEXT = 65 }; /* SHA-256 in hexadecimal, and a NUL */

/* A SHA-256 being computed. */
struct digest {
	EVP_MD_CTX *context;
};

/* Returns 0, or -1 when there is no SHA-256; otherwise it is to be ended. */
int digest_start(struct digest *digest);

/* Adds len bytes; data NULL: zeros. */
void digest_add(struct digest *digest, const void *data, size_t len);

/* digest_add for extent_copy: context is the digest. */
void digest_see(void *context, const void *data, size_t len);

/* Stores the result and frees what was allocated. */
void digest_end(struct digest *digest, char text[DIGEST_TEXT]);

#endif
