#include "entry.h"

#include "field.h"
#include "file_io.h"

#include <inttypes.h>
#define OPENSSL_API_COMPAT 10100 /* see digest.h */
#include <openssl/sha.h>
#include <stdlib.h>
#include <strings.h>

enum { BLOCK = 1 << 20, DIGEST_TEXT = 2 * SHA256_DIGEST_LENGTH + 1 };

static int
check_size(
    const struct image *image, uint64_t size, int64_t want, struct reason *why)
{
	if (want < 0 || (uint64_t)want == size)
		return 0;
	return reason_set(why,
	    "%s: has %" PRIu64 " bytes, not the %" PRId64 " of its size",
	    image->path, size, want);
}

/* Feeds the file to the digest. Returns 0, or -1 with errno set. */
static int
feed(SHA256_CTX *sha, int fd, uint64_t size)
{
	unsigned char *block = aligned_alloc(4096, BLOCK);
	int result = block == NULL ? -1 : 0;

	for (uint64_t at = 0; at < size && result == 0; at += BLOCK) {
		size_t n = size - at < BLOCK ? (size_t)(size - at) : BLOCK;

		result = file_read(fd, block, n, at);
		if (result == 0)
			SHA256_Update(sha, block, n);
	}
	free(block);
	return result;
}

static int
digest_file(int fd, uint64_t size, char text[DIGEST_TEXT])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	SHA256_CTX sha;

	SHA256_Init(&sha);
	int result = feed(&sha, fd, size);
	SHA256_Final(digest, &sha);
	for (size_t i = 0; result == 0 && i < sizeof(digest); i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return result;
}

static int
check_digest(const struct image *image, int fd, uint64_t size, const char *want,
    struct reason *why)
{
	char text[DIGEST_TEXT];

	if (want == NULL)
		return 0;
	if (digest_file(fd, size, text) < 0)
		return reason_errno(why, "%s", image->path);
	if (strcasecmp(text, want) == 0)
		return 0;
	return reason_set(
	    why, "%s: has sha256 %s, not %s", image->path, text, want);
}

int
entry_check(const struct document *document, const struct image *image, int fd,
    uint64_t size, struct reason *why)
{
	static const char wishes[][12] = {"extract", "decompress", "convert"};
	const char *sha256 = NULL;
	int64_t want = -1;
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "images[%zu].", image->index);
	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		const json_t *wish = json_object_get(image->entry, wishes[i]);

		if (wish != NULL && !json_is_null(wish) && !json_is_false(wish))
			return reason_set(why,
			    "%s: %s%s: emu-stage has to do that first",
			    document->name, prefix, wishes[i]);
	}
	if (field_integer(document, image->entry, prefix, "size", 0, INT64_MAX,
		&want, why) < 0 ||
	    field_text(document, image->entry, prefix, "sha256", &sha256, why) <
		0 ||
	    check_size(image, size, want, why) < 0)
		return -1;
	return check_digest(image, fd, size, sha256, why);
}
