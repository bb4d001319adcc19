#include "decompress.h"

#include "gzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LAYERS = 8 };

/* libarchive's decompression. */
struct filter {
	struct archive *archive;
	size_t given;      /* bytes that it has had */
	struct reason why; /* of a failure below */
	bool failed;
	bool ended;
};

static la_ssize_t
read_below(struct archive *archive, void *context, const void **block)
{
	struct stream *stream = context;
	struct filter *filter = stream->state;
	ssize_t n = stream_next(stream->below, block, &filter->why);

	if (n < 0) {
		filter->failed = true;
		archive_set_error(archive, EIO, "%s", filter->why.text);
	} else {
		filter->given += (size_t)n;
	}
	return n;
}

static int
fail(const struct stream *stream, struct reason *why)
{
	const struct filter *filter = stream->state;
	const char *text = archive_error_string(filter->archive);

	if (filter->failed) {
		*why = filter->why;
		return -1;
	}
	return reason_set(why, "%s: %s", stream->name,
	    text == NULL ? "cannot be decompressed" : text);
}

/* libarchive passes over what follows gzip data: other bytes than zeros are
 * given back. */
static int
give_back_rest(struct stream *stream, struct reason *why)
{
	const struct filter *filter = stream->state;
	struct archive *archive = filter->archive;
	size_t rest = filter->given - (size_t)archive_filter_bytes(archive, -1);

	if (archive_filter_code(archive, 0) != ARCHIVE_FILTER_GZIP ||
	    archive_filter_count(archive) != 2 || rest > stream->below->length)
		return 0;
	stream_give_back(stream->below, rest);
	return stream_skip_zeros(stream->below, why) < 0 ? -1 : 0;
}

static ssize_t
fill(struct stream *stream, const void **block, struct reason *why)
{
	struct filter *filter = stream->state;
	la_int64_t at;
	size_t len = 0;

	while (len == 0 && !filter->ended) {
		int r =
		    archive_read_data_block(filter->archive, block, &len, &at);

		if (r == ARCHIVE_EOF)
			filter->ended = true;
		else if (r != ARCHIVE_OK)
			return fail(stream, why);
		if (filter->ended && give_back_rest(stream, why) < 0)
			return -1;
	}
	return filter->ended ? 0 : (ssize_t)len;
}

static void
close_filter(struct stream *stream)
{
	struct filter *filter = stream->state;

	if (filter->archive != NULL)
		archive_read_free(filter->archive);
	free(filter);
}

/* A dictionary's size behind any byte is LZMA to libarchive, and so is the jump
 * that a raw riscv64 Image may begin with. The size behind it (13 bytes make
 * the header) is unknown, all ones, or credible: liblzma's limit is 256 GiB. */
static bool
may_be_lzma(const unsigned char *start, size_t len)
{
	uint64_t size;

	if (len < 13)
		return false;
	memcpy(&size, start + 5, sizeof(size));
	size = le64toh(size);
	return size == UINT64_MAX || size < UINT64_C(1) << 38;
}

/* All filters but those that run programs. */
static int
support(struct archive *archive, bool lzma)
{
	static int (*const filters[])(struct archive *) = {
	    archive_read_support_filter_bzip2,
	    archive_read_support_filter_compress,
	    archive_read_support_filter_gzip,
	    archive_read_support_filter_lz4,
	    archive_read_support_filter_lzip,
	    archive_read_support_filter_xz,
	    archive_read_support_filter_zstd,
	    archive_read_support_format_empty,
	    archive_read_support_format_raw,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (filters[i](archive) != ARCHIVE_OK)
			return -1;
	}
	return lzma ? archive_read_support_filter_lzma(archive) : ARCHIVE_OK;
}

/* Puts libarchive on top of *stream. Returns 1 when it decompresses, 0 when it
 * passes the bytes on as they are, or -1 with the reason. */
static int
add_filter(struct stream **stream, struct reason *why)
{
	struct archive_entry *entry;
	const void *start;
	ssize_t len = stream_peek(*stream, &start, why);

	if (len < 0)
		return -1;
	bool lzma = may_be_lzma(start, (size_t)len);
	struct filter *filter = calloc(1, sizeof(*filter));
	if (filter == NULL)
		return reason_memory(why);
	struct stream *above = stream_above(*stream, why);
	if (above == NULL) {
		free(filter);
		return -1;
	}
	above->fill = fill;
	above->close = close_filter;
	above->state = filter;
	*stream = above;
	filter->archive = archive_read_new();
	if (filter->archive == NULL ||
	    support(filter->archive, lzma) != ARCHIVE_OK)
		return reason_memory(why);
	if (archive_read_open(filter->archive, above, NULL, read_below, NULL) !=
	    ARCHIVE_OK)
		return fail(above, why);
	int r = archive_read_next_header(filter->archive, &entry);
	if (r != ARCHIVE_OK && r != ARCHIVE_EOF)
		return fail(above, why);
	filter->ended = r == ARCHIVE_EOF;
	return archive_filter_count(filter->archive) > 1;
}

/* Takes a filter that passes the bytes on away again, if it has read no more
 * than one block. */
static void
remove_filter(struct stream **stream)
{
	const struct filter *filter = (*stream)->state;
	size_t given = filter->given;

	if (given > (*stream)->below->length)
		return;
	*stream = stream_remove(*stream);
	stream_give_back(*stream, given);
}

#ifdef HAVE_ISAL
/* Returns 1 when gzip is decompressed now, 0 when there is none, or -1. */
static int
add_gzip(struct stream **stream, struct reason *why)
{
	const void *block;
	ssize_t n = stream_peek(*stream, &block, why);

	if (n < 0)
		return -1;
	if (!gzip_knows(block, (size_t)n))
		return 0;
	struct stream *above = gzip_open(*stream, why);
	if (above == NULL)
		return -1;
	*stream = above;
	return 1;
}
#else
static int
add_gzip(struct stream **stream, struct reason *why)
{
	(void)stream;
	(void)why;
	return 0;
}
#endif

int
decompress(struct stream **stream, struct reason *why)
{
	for (int layers = 0; layers < LAYERS; layers++) {
		int r = add_gzip(stream, why);

		if (r == 0)
			r = add_filter(stream, why);
		if (r < 0)
			return -1;
		if (r == 0) {
			remove_filter(stream);
			return layers > 0;
		}
	}
	return 1;
}
