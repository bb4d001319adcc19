#include "digest.h"

#include <stdio.h>

int
digest_start(struct digest *digest)
{
	digest->context = EVP_MD_CTX_new();
	if (digest->context != NULL &&
	    EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1)
		return 0;
	EVP_MD_CTX_free(digest->context);
	return -1;
}

void
digest_add(struct digest *digest, const void *data, size_t len)
{
	static const unsigned char zeros[64 << 10];

	if (data != NULL) {
		EVP_DigestUpdate(digest->context, data, len);
		return;
	}
	while (len > 0) {
		size_t n = len < sizeof(zeros) ? len : sizeof(zeros);

		EVP_DigestUpdate(digest->context, zeros, n);
		len -= n;
	}
}

void
digest_see(void *context, const void *data, size_t len)
{
	digest_add(context, data, len);
}

void
digest_end(struct digest *digest, char text[DIGEST_TEXT])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	EVP_DigestFinal_ex(digest->context, bytes, &len);
	for (size_t i = 0; i < len && 2 * i + 2 < DIGEST_TEXT; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	EVP_MD_CTX_free(digest->context);
}
