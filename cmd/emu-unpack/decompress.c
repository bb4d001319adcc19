#include "decompress.h"

#include "../fatal.h"
#include "archive_filters.h"
#include "gzip.h"

#include <archive.h>
#include <archive_entry.h>
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
	LAYERS = 8,
	LOOKED_AT = 64 << 10, /* to tell a format: of ISO 9660, 48 KiB */
};

/* libarchive's decompression. */
struct filter {
	struct archive *archive;
	size_t given; /* bytes that it has had */
	bool ended;
};

static la_ssize_t
read_below(struct archive *archive, void *context, const void **block)
{
	struct stream *stream = context;
	struct filter *filter = stream->state;
	size_t n = stream_next(stream->below, block);

	(void)archive;
	filter->given += n;
	return (la_ssize_t)n;
}

static _Noreturn void
fail(const struct stream *stream)
{
	const struct filter *filter = stream->state;
	const char *text = archive_error_string(filter->archive);

	fatal("%s: %s", stream->name,
	    text == NULL ? "cannot be decompressed" : text);
}

/* Of gzip one layer alone, since what follows it is to be given back. */
static int
support(struct archive *archive, const void *start, size_t len)
{
	if (archive_read_support_format_empty(archive) != ARCHIVE_OK ||
	    archive_read_support_format_raw(archive) != ARCHIVE_OK)
		return -1;
	if (gzip_begins(start, len))
		return archive_read_append_filter(archive, ARCHIVE_FILTER_GZIP);
	return archive_filters_add(archive, start, len);
}

/* Starts libarchive on what the stream below stands at. */
static void
start_filter(struct stream *stream)
{
	struct filter *filter = stream->state;
	struct archive_entry *entry;
	const void *start;
	size_t len = stream_peek(stream->below, &start);

	filter->given = 0;
	filter->archive = archive_read_new();
	if (filter->archive == NULL || support(filter->archive, start, len) < 0)
		fatal_memory();
	if (archive_read_open(
		filter->archive, stream, NULL, read_below, NULL) != ARCHIVE_OK)
		fail(stream);
	int r = archive_read_next_header(filter->archive, &entry);
	if (r != ARCHIVE_OK && r != ARCHIVE_EOF)
		fail(stream);
	filter->ended = r == ARCHIVE_EOF;
}

/* libarchive passes over what follows gzip data: other bytes than zeros are
 * given back. Returns whether they are gzip data, too. */
static bool
give_back_rest(struct stream *stream)
{
	const struct filter *filter = stream->state;
	struct archive *archive = filter->archive;
	size_t rest = filter->given - (size_t)archive_filter_bytes(archive, -1);
	const void *start;

	if (archive_filter_code(archive, 0) != ARCHIVE_FILTER_GZIP ||
	    rest > stream->below->length)
		return false;
	stream_give_back(stream->below, rest);
	stream_skip_zeros(stream->below);
	size_t len = stream_peek(stream->below, &start);
	return gzip_begins(start, len);
}

static size_t
fill(struct stream *stream, const void **block)
{
	struct filter *filter = stream->state;
	la_int64_t at;
	size_t len = 0;

	while (len == 0 && !filter->ended) {
		int r =
		    archive_read_data_block(filter->archive, block, &len, &at);

		if (r == ARCHIVE_EOF && give_back_rest(stream)) {
			archive_read_free(filter->archive);
			start_filter(stream);
		} else if (r == ARCHIVE_EOF) {
			filter->ended = true;
		} else if (r != ARCHIVE_OK) {
			fail(stream);
		}
	}
	return filter->ended ? 0 : len;
}

static void
close_filter(struct stream *stream)
{
	struct filter *filter = stream->state;

	archive_read_free(filter->archive);
	free(filter);
}

/* Puts libarchive on top of *stream. Returns whether it decompresses, and does
 * not pass the bytes on as they are. */
static bool
add_filter(struct stream **stream)
{
	struct filter *filter = calloc(1, sizeof(*filter));

	*stream = stream_above(*stream, fill, filter);
	(*stream)->close = close_filter;
	start_filter(*stream);
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

bool
decompress(struct stream **stream)
{
	for (int layers = 0; layers < LAYERS; layers++) {
		stream_gather(*stream, LOOKED_AT);
		if (!gzip_open(stream) && !add_filter(stream)) {
			remove_filter(stream);
			return layers > 0;
		}
	}
	return true;
}
