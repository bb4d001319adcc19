#include "digest.h"

static void
update(struct digest *d, const uint8_t *bytes, uint64_t len)
{
	SHA256_Update(&d->sha, bytes, (size_t)len);
	d->at += len;
}

static void
add_zeros(struct digest *d, uint64_t len)
{
	static const uint8_t zeros[65536];

	while (len > 0) {
		uint64_t n = len < sizeof(zeros) ? len : sizeof(zeros);

		update(d, zeros, n);
		len -= n;
	}
}

void
digest_begin(struct digest *d)
{
	SHA256_Init(&d->sha);
	d->at = 0;
}

/* How many of `len` bytes come before offset `end`. */
static uint64_t
until(const struct digest *d, uint64_t len, uint64_t end)
{
	if (d->at >= end)
		return 0;
	return end - d->at < len ? end - d->at : len;
}

void
digest_add(struct digest *d, const uint8_t *bytes, uint64_t len)
{
	if (bytes == NULL) {
		add_zeros(d, len);
		return;
	}
	uint64_t n = until(d, len, DIGEST_AT);
	update(d, bytes, n);
	bytes += n;
	len -= n;
	n = until(d, len, DIGEST_AT + DIGEST_BYTES);
	add_zeros(d, n);
	update(d, bytes + n, len - n);
}

void
digest_end(struct digest *d, uint8_t hash[DIGEST_BYTES])
{
	SHA256_Final(hash, &d->sha);
}
