#include "digest.h"

#include "extent_copy.h"

#include <stdio.h>

void
digest_start(struct digest *digest)
{
	SHA256_Init(&digest->sha);
}

void
digest_add(void *context, const void *data, uint64_t len)
{
	static const unsigned char zeros[64 << 10];
	struct digest *digest = context;

	if (data != NULL) {
		SHA256_Update(&digest->sha, data, (size_t)len);
		return;
	}
	while (len > 0) {
		size_t n = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);

		SHA256_Update(&digest->sha, zeros, n);
		len -= n;
	}
}

void
digest_end(struct digest *digest, unsigned char bytes[DIGEST_BYTES])
{
	SHA256_Final(bytes, &digest->sha);
}

void
digest_text(const unsigned char bytes[DIGEST_BYTES], char text[DIGEST_TEXT])
{
	for (size_t i = 0; i < DIGEST_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void
digest_end_text(struct digest *digest, char text[DIGEST_TEXT])
{
	unsigned char bytes[DIGEST_BYTES];

	digest_end(digest, bytes);
	digest_text(bytes, text);
}

int
digest_file(int fd, uint64_t size, char text[DIGEST_TEXT])
{
	struct digest digest;
	struct extent_copy look = {
	    .in = fd, .out = -1, .see = digest_add, .context = &digest};

	digest_start(&digest);
	text[0] = '\0';
	if (extent_copy(&look, 0, 0, size) < 0)
		return -1;
	digest_end_text(&digest, text);
	return 0;
}
