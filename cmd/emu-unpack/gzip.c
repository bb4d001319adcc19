#include "gzip.h"

#include "../fatal.h"

#include <string.h>

static const unsigned char magic[3] = {0x1f, 0x8b, 8};

bool
gzip_begins(const void *start, size_t len)
{
	return len > 0 && memcmp(start, magic, len < 3 ? len : 3) == 0;
}

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdlib.h>

struct gzip {
	struct inflate_state inflate; /* with what has come from below */
	struct isal_gzip_header header;
	bool ended; /* nothing more comes from below */
	bool done;
	unsigned char block[STREAM_BLOCK];
};

/* Asks for input when there is none. */
static void
more(struct stream *stream, struct gzip *gzip)
{
	const void *block;

	if (gzip->inflate.avail_in > 0 || gzip->ended)
		return;
	size_t n = stream_next(stream->below, &block);
	/* The interface lacks const; it only reads. */
	gzip->inflate.next_in = (unsigned char *)(uintptr_t)block;
	gzip->inflate.avail_in = (uint32_t)n;
	gzip->ended = n == 0;
}

/* At the end of a member: is there another? Its first bytes may lie in two
 * blocks. */
static void
next_member(struct stream *stream, struct gzip *gzip)
{
	struct inflate_state *s = &gzip->inflate;
	const void *block;

	stream_give_back(stream->below, s->avail_in);
	s->avail_in = 0;
	stream_skip_zeros(stream->below);
	size_t n = stream_peek(stream->below, &block);
	gzip->done = !gzip_begins(block, n);
	isal_inflate_reset(s);
	s->crc_flag = ISAL_GZIP;
}

static void
step(struct stream *stream, struct gzip *gzip)
{
	struct inflate_state *s = &gzip->inflate;
	uint32_t room = s->avail_out;

	more(stream, gzip);
	uint32_t given = s->avail_in;
	/* isal_inflate forgets half a header, which may lie in two blocks. */
	int r = s->wrapper_flag ? isal_inflate(s)
				: isal_read_gzip_header(s, &gzip->header);
	if (r < ISAL_DECOMP_OK)
		fatal("%s: corrupt gzip data: %s", stream->name,
		    r == ISAL_INCORRECT_CHECKSUM ? "wrong checksum"
						 : "cannot be decoded");
	if (s->block_state == ISAL_BLOCK_FINISH)
		next_member(stream, gzip);
	else if (gzip->ended && s->avail_in == given && s->avail_out == room)
		fatal("%s: ends early", stream->name);
}

static size_t
fill(struct stream *stream, const void **block)
{
	struct gzip *gzip = stream->state;

	gzip->inflate.next_out = gzip->block;
	gzip->inflate.avail_out = STREAM_BLOCK;
	while (!gzip->done && gzip->inflate.avail_out > 0)
		step(stream, gzip);
	*block = gzip->block;
	return STREAM_BLOCK - gzip->inflate.avail_out;
}

bool
gzip_open(struct stream **stream)
{
	const void *block;
	size_t n = stream_peek(*stream, &block);

	if (n < sizeof(magic) || !gzip_begins(block, n))
		return false;
	struct gzip *gzip = malloc(sizeof(*gzip));
	*stream = stream_above(*stream, fill, gzip);
	isal_inflate_init(&gzip->inflate);
	isal_gzip_header_init(&gzip->header);
	gzip->inflate.crc_flag = ISAL_GZIP;
	gzip->ended = gzip->done = false;
	return true;
}
#else
bool
gzip_open(struct stream **stream)
{
	(void)stream;
	return false;
}
#endif
