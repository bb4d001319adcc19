#include "feed_formats.h"

#include "processors.h"

#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
	XZ_THREADS = 4,
	XZ_MEMORY = 96 << 20, /* above it, one thread must do */
	XZ_MEMORY_MAX = 1 << 30,
};

static int
corrupt(const struct feed_input *input, const char *format, const char *what,
    struct reason *why)
{
	return reason_set(
	    why, "%s: corrupt %s data: %s", input->name, format, what);
}

static int
ends_early(const struct feed_input *input, struct reason *why)
{
	return reason_set(why, "%s: ends early", input->name);
}

/* Skips the zeros that may fill the last block of a tape. Returns 1 when
 * another gzip member follows, 0 at the end, -1 with the reason. */
static int
gzip_next(struct feed_input *input, struct reason *why)
{
	for (;;) {
		while (input->len > 0 && input->next[0] == 0) {
			input->next++;
			input->len--;
		}
		if (input->len > 0)
			break;
		if (input->ended)
			return 0;
		if (feed_input_more(input, why) < 0)
			return -1;
	}
	if (input->next[0] != 0x1f)
		return corrupt(input, "gzip", "something follows it", why);
	return 1;
}

/* Decompresses into one block. Returns 1 at the end of a member. */
static int
gzip_block(struct feed_input *input, struct inflate_state *state,
    unsigned char *out, struct reason *why)
{
	state->next_out = out;
	state->avail_out = FEED_BLOCK;
	while (state->avail_out > 0) {
		if (input->len == 0 && !input->ended &&
		    feed_input_more(input, why) < 0)
			return -1;
		uint32_t room = state->avail_out;
		/* The interface lacks const; it only reads. */
		memcpy(&state->next_in, &input->next, sizeof(input->next));
		state->avail_in = (uint32_t)input->len;
		int r = isal_inflate(state);
		bool stuck =
		    state->avail_in == input->len && state->avail_out == room;
		input->next = state->next_in;
		input->len = state->avail_in;
		if (r < ISAL_DECOMP_OK)
			return corrupt(input, "gzip",
			    r == ISAL_INCORRECT_CHECKSUM ? "wrong checksum"
							 : "cannot be decoded",
			    why);
		if (state->block_state == ISAL_BLOCK_FINISH)
			return 1;
		if (stuck && input->ended)
			return ends_early(input, why);
	}
	return 0;
}

int
feed_gzip(struct ring *made, struct feed_input *input, struct reason *why)
{
	struct inflate_state *state = malloc(sizeof(*state));
	int result = -1, r = 1;

	if (state == NULL)
		return reason_memory(why);
	isal_inflate_init(state);
	state->crc_flag = ISAL_GZIP;
	do {
		unsigned char *out = ring_room(made);

		if (out == NULL)
			break;
		r = gzip_block(input, state, out, why);
		if (r < 0)
			goto out;
		ring_put(made, FEED_BLOCK - state->avail_out);
		if (r == 0)
			continue;
		r = gzip_next(input, why);
		if (r < 0)
			goto out;
		if (r == 0)
			break;
		isal_inflate_reset(state);
		state->crc_flag = ISAL_GZIP;
	} while (true);
	result = 0;
out:
	free(state);
	return result;
}

static int
xz_start(lzma_stream *stream)
{
	lzma_mt options = {
	    .flags = LZMA_CONCATENATED,
	    .threads = (uint32_t)processors(XZ_THREADS),
	    .memlimit_threading = XZ_MEMORY,
	    .memlimit_stop = XZ_MEMORY_MAX,
	};

	return lzma_stream_decoder_mt(stream, &options) == LZMA_OK ? 0 : -1;
}

static int
xz_error(const struct feed_input *input, lzma_ret r, struct reason *why)
{
	switch (r) {
	case LZMA_BUF_ERROR:
		return ends_early(input, why);
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return reason_set(
		    why, "%s: takes too much memory", input->name);
	case LZMA_OPTIONS_ERROR:
		return corrupt(input, "xz", "unknown options", why);
	default:
		return corrupt(input, "xz", "cannot be decoded", why);
	}
}

int
feed_xz(struct ring *made, struct feed_input *input, struct reason *why)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret r = LZMA_OK;
	unsigned char *out;

	if (xz_start(&stream) < 0)
		return reason_memory(why);
	while (r == LZMA_OK && (out = ring_room(made)) != NULL) {
		stream.next_out = out;
		stream.avail_out = FEED_BLOCK;
		while (r == LZMA_OK && stream.avail_out > 0) {
			if (input->len == 0 && !input->ended &&
			    feed_input_more(input, why) < 0) {
				lzma_end(&stream);
				return -1;
			}
			stream.next_in = input->next;
			stream.avail_in = input->len;
			r = lzma_code(
			    &stream, input->ended ? LZMA_FINISH : LZMA_RUN);
			input->next = stream.next_in;
			input->len = stream.avail_in;
		}
		ring_put(made, FEED_BLOCK - stream.avail_out);
	}
	lzma_end(&stream);
	if (r == LZMA_OK || r == LZMA_STREAM_END)
		return 0;
	return xz_error(input, r, why);
}

/* Decompresses into one block. Returns what the decoder wants to read next: 0
 * at the end of a frame. */
static int
zstd_block(struct feed_input *input, ZSTD_DStream *stream, ZSTD_outBuffer *out,
    size_t *hint, struct reason *why)
{
	while (out->pos < out->size) {
		if (input->len == 0 && !input->ended &&
		    feed_input_more(input, why) < 0)
			return -1;
		size_t before = out->pos;
		ZSTD_inBuffer in = {input->next, input->len, 0};
		/* Between two frames, the end of the input is the end. */
		if (input->len == 0 && *hint == 0)
			break;
		size_t r = ZSTD_decompressStream(stream, out, &in);
		if (ZSTD_isError(r))
			return corrupt(
			    input, "zstd", ZSTD_getErrorName(r), why);
		*hint = r;
		input->next += in.pos;
		input->len -= in.pos;
		if (in.pos == 0 && out->pos == before && input->ended &&
		    input->len == 0)
			return ends_early(input, why);
	}
	return 0;
}

int
feed_zstd(struct ring *made, struct feed_input *input, struct reason *why)
{
	ZSTD_DStream *stream = ZSTD_createDStream();
	unsigned char *block;
	size_t hint = 1;
	int result = stream == NULL ? reason_memory(why) : 0;

	while (result == 0 && (block = ring_room(made)) != NULL) {
		ZSTD_outBuffer out = {block, FEED_BLOCK, 0};

		result = zstd_block(input, stream, &out, &hint, why);
		ring_put(made, out.pos);
		if (out.pos < out.size)
			break;
	}
	ZSTD_freeDStream(stream);
	return result;
}
