#include "gzip.h"

#ifdef HAVE_ISAL
#include <isa-l/igzip_lib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char magic[3] = {0x1f, 0x8b, 8};

struct gzip {
	struct inflate_state inflate; /* with what has come from below */
	bool ended;                   /* nothing more comes from below */
	bool done;
	unsigned char block[STREAM_BLOCK];
};

bool
gzip_knows(const unsigned char *start, size_t len)
{
	return len >= 3 && memcmp(start, magic, sizeof(magic)) == 0;
}

/* Asks for input when there is none. */
static int
more(struct stream *stream, struct gzip *gzip, struct reason *why)
{
	const void *block;

	if (gzip->inflate.avail_in > 0 || gzip->ended)
		return 0;
	ssize_t n = stream_next(stream->below, &block, why);
	if (n < 0)
		return -1;
	/* The interface lacks const; it only reads. */
	gzip->inflate.next_in = (unsigned char *)(uintptr_t)block;
	gzip->inflate.avail_in = (uint32_t)n;
	gzip->ended = n == 0;
	return 0;
}

/* At the end of a member: is there another? Its first bytes may lie in two
 * blocks. */
static int
next_member(struct stream *stream, struct gzip *gzip, struct reason *why)
{
	struct inflate_state *s = &gzip->inflate;
	const void *block;

	stream_give_back(stream->below, s->avail_in);
	s->avail_in = 0;
	if (stream_skip_zeros(stream->below, why) < 0)
		return -1;
	ssize_t n = stream_peek(stream->below, &block, why);
	if (n < 0)
		return -1;
	gzip->done = n == 0 || memcmp(block, magic, n < 3 ? (size_t)n : 3) != 0;
	isal_inflate_reset(s);
	s->crc_flag = ISAL_GZIP;
	return 0;
}

static int
step(struct stream *stream, struct gzip *gzip, struct reason *why)
{
	struct inflate_state *s = &gzip->inflate;
	uint32_t room = s->avail_out;

	if (more(stream, gzip, why) < 0)
		return -1;
	uint32_t given = s->avail_in;
	int r = isal_inflate(s);
	if (r < ISAL_DECOMP_OK)
		return reason_set(why, "%s: corrupt gzip data: %s",
		    stream->name,
		    r == ISAL_INCORRECT_CHECKSUM ? "wrong checksum"
						 : "cannot be decoded");
	if (s->block_state == ISAL_BLOCK_FINISH)
		return next_member(stream, gzip, why);
	if (gzip->ended && s->avail_in == given && s->avail_out == room)
		return reason_set(why, "%s: ends early", stream->name);
	return 0;
}

static ssize_t
fill(struct stream *stream, const void **block, struct reason *why)
{
	struct gzip *gzip = stream->state;

	gzip->inflate.next_out = gzip->block;
	gzip->inflate.avail_out = STREAM_BLOCK;
	while (!gzip->done && gzip->inflate.avail_out > 0) {
		if (step(stream, gzip, why) < 0)
			return -1;
	}
	*block = gzip->block;
	return STREAM_BLOCK - (ssize_t)gzip->inflate.avail_out;
}

static void
close_gzip(struct stream *stream)
{
	free(stream->state);
}

struct stream *
gzip_open(struct stream *below, struct reason *why)
{
	struct gzip *gzip = malloc(sizeof(*gzip));
	struct stream *stream;

	if (gzip == NULL) {
		reason_memory(why);
		return NULL;
	}
	stream = stream_above(below, why);
	if (stream == NULL) {
		free(gzip);
		return NULL;
	}
	isal_inflate_init(&gzip->inflate);
	gzip->inflate.crc_flag = ISAL_GZIP;
	gzip->ended = gzip->done = false;
	stream->fill = fill;
	stream->close = close_gzip;
	stream->state = gzip;
	return stream;
}
#endif
