#include "zboot.h"

#include "../fatal.h"

#include <assert.h>
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The header's beginning; numbers are little-endian. */
struct header {
	char magic[8];
	uint32_t at, size; /* of the compressed kernel */
};

static_assert(sizeof(struct header) == 16, "zboot header");

/* What is left of the bytes before the compressed kernel, and of it. */
struct zboot {
	size_t before, left;
};

static size_t
fill(struct stream *stream, const void **block)
{
	struct zboot *zboot = stream->state;

	while (zboot->left > 0) {
		size_t len = stream_next(stream->below, block);
		size_t before = zboot->before;

		if (len == 0)
			fatal("%s: ends early", stream->name);
		if (before > len)
			before = len;
		zboot->before -= before;
		*block = (const char *)*block + before;
		len -= before;
		if (len > zboot->left)
			len = zboot->left;
		zboot->left -= len;
		if (len > 0)
			return len;
	}
	return 0;
}

void
zboot_open(struct stream **stream)
{
	struct header header;
	const void *start;
	size_t len = stream_peek(*stream, &start);

	if (len < sizeof(header) ||
	    memcmp(start, "MZ\0\0zimg", sizeof(header.magic)) != 0)
		return;
	memcpy(&header, start, sizeof(header));
	struct zboot *zboot = malloc(sizeof(*zboot));
	*stream = stream_above(*stream, fill, zboot);
	*zboot = (struct zboot){le32toh(header.at), le32toh(header.size)};
}
