#include "zboot.h"

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

static ssize_t
fill(struct stream *stream, const void **block, struct reason *why)
{
	struct zboot *zboot = stream->state;

	while (zboot->left > 0) {
		ssize_t n = stream_next(stream->below, block, why);
		size_t len = (size_t)n, before = zboot->before;

		if (n < 0)
			return -1;
		if (n == 0)
			return reason_set(why, "%s: ends early", stream->name);
		if (before > len)
			before = len;
		zboot->before -= before;
		*block = (const char *)*block + before;
		len -= before;
		if (len > zboot->left)
			len = zboot->left;
		zboot->left -= len;
		if (len > 0)
			return (ssize_t)len;
	}
	return 0;
}

static void
close_zboot(struct stream *stream)
{
	free(stream->state);
}

int
zboot_open(struct stream **stream, struct reason *why)
{
	struct header header;
	const void *start;
	ssize_t len = stream_peek(*stream, &start, why);

	if (len < 0)
		return -1;
	if ((size_t)len < sizeof(header) ||
	    memcmp(start, "MZ\0\0zimg", sizeof(header.magic)) != 0)
		return 0;
	memcpy(&header, start, sizeof(header));
	struct zboot *zboot = malloc(sizeof(*zboot));
	if (zboot == NULL)
		return reason_memory(why);
	*zboot = (struct zboot){le32toh(header.at), le32toh(header.size)};
	struct stream *above = stream_above(*stream, why);
	if (above == NULL) {
		free(zboot);
		return -1;
	}
	above->fill = fill;
	above->close = close_zboot;
	above->state = zboot;
	*stream = above;
	return 0;
}
