#include "decompress.h"

#include "gzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>

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

/* All filters but those that run programs. */
static int
support(struct archive *archive)
{
	static int (*const filters[])(struct archive *) = {
	    archive_read_support_filter_bzip2,
	    archive_read_support_filter_compress,
	    archive_read_support_filter_gzip,
	    archive_read_support_filter_lz4,
	    archive_read_support_filter_lzip,
	    archive_read_support_filter_lzma,
	    archive_read_support_filter_xz,
	    archive_read_support_filter_zstd,
	    archive_read_support_format_empty,
	    archive_read_support_format_raw,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (filters[i](archive) != ARCHIVE_OK)
			return -1;
	}
	return 0;
}

/* Puts libarchive on top of *stream. Returns 1 when it decompresses, 0 when it
 * passes the bytes on as they are, or -1 with the reason. */
static int
add_filter(struct stream **stream, struct reason *why)
{
	struct archive_entry *entry;
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
	if (filter->archive == NULL || support(filter->archive) < 0)
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
	ssize_t n = stream_next(*stream, &block, why);

	if (n < 0)
		return -1;
	stream_give_back(*stream, (size_t)n);
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
