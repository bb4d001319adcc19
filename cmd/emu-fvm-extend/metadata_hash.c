#include "metadata_hash.h"

void
metadata_hash_start(struct metadata_hash *hash)
{
	digest_start(&hash->digest);
	hash->at = 0;
}

/* Adds those of len bytes that come before offset `end`: the bytes, or zeros
 * for NULL. Returns their number. */
static uint64_t
add_until(struct metadata_hash *hash, const uint8_t *bytes, uint64_t len,
    uint64_t end)
{
	if (hash->at >= end)
		return 0;
	if (len > end - hash->at)
		len = end - hash->at;
	digest_add(&hash->digest, bytes, (size_t)len);
	hash->at += len;
	return len;
}

void
metadata_hash_add(
    struct metadata_hash *hash, const uint8_t *bytes, uint64_t len)
{
	const uint64_t ends[] = {
	    METADATA_HASH_AT, METADATA_HASH_AT + DIGEST_BYTES, UINT64_MAX};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		uint64_t n =
		    add_until(hash, i == 1 ? NULL : bytes, len, ends[i]);

		if (bytes != NULL)
			bytes += n;
		len -= n;
	}
}

void
metadata_hash_end(struct metadata_hash *hash, uint8_t bytes[DIGEST_BYTES])
{
	digest_end(&hash->digest, bytes);
}
