#include "reader.h"

#include "decompress.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
has_format(const struct reader *reader, int base)
{
	return (archive_format(reader->archive) & ARCHIVE_FORMAT_BASE_MASK) ==
	       base;
}

/* What libarchive says, in one line of ours. */
static int
fail(struct reader *reader, const char *member, struct reason *why)
{
	const char *text = archive_error_string(reader->archive);

	if (reader->failed) {
		*why = reader->why;
		return -1;
	}
	if (text == NULL)
		text = "is cut short or damaged";
	/* Its table of contents is at the end. */
	if (!reader->stream->seekable &&
	    has_format(reader, ARCHIVE_FORMAT_7ZIP))
		text = "this format cannot be streamed, it must be a file";
	if (member == NULL)
		return reason_set(why, "%s: %s", reader->name, text);
	return reason_set(why, "%s: %s: %s", reader->name, member, text);
}

static la_ssize_t
read_stream(struct archive *archive, void *context, const void **block)
{
	struct reader *reader = context;
	ssize_t n = stream_next(reader->stream, block, &reader->why);

	if (n < 0) {
		reader->failed = true;
		archive_set_error(archive, EIO, "%s", reader->why.text);
	} else {
		reader->given += (uint64_t)n;
	}
	return n;
}

static la_int64_t
skip_stream(struct archive *archive, void *context, la_int64_t len)
{
	struct reader *reader = context;

	(void)archive;
	if (!reader->stream->seekable ||
	    stream_seek(reader->stream, len, SEEK_CUR) < 0)
		return 0;
	return len;
}

static la_int64_t
seek_stream(struct archive *archive, void *context, la_int64_t at, int whence)
{
	struct reader *reader = context;
	off_t to = whence == SEEK_SET ? reader->start + at : at;
	off_t now = stream_seek(reader->stream, to, whence);

	if (now >= 0)
		return now - reader->start;
	archive_set_error(archive, errno, "%s", strerror(errno));
	return ARCHIVE_FATAL;
}

/* All formats but mtree, which reads files that it names. */
static int
support(struct archive *archive)
{
	static int (*const formats[])(struct archive *) = {
	    archive_read_support_format_7zip,
	    archive_read_support_format_ar,
	    archive_read_support_format_cab,
	    archive_read_support_format_cpio,
	    archive_read_support_format_empty,
	    archive_read_support_format_gnutar,
	    archive_read_support_format_iso9660,
	    archive_read_support_format_lha,
	    archive_read_support_format_rar,
	    archive_read_support_format_rar5,
	    archive_read_support_format_tar,
	    archive_read_support_format_warc,
	    archive_read_support_format_xar,
	    archive_read_support_format_zip,
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (formats[i](archive) < ARCHIVE_WARN)
			return -1;
	}
	return 0;
}

/* Tells whether something that is no archive follows one. */
static bool
is_no_archive(const struct reader *reader)
{
	return reader->more && !reader->failed &&
	       archive_format(reader->archive) == 0;
}

/* Starts with the archive that the stream stands at. */
static int
start_archive(struct reader *reader, struct reason *why)
{
	if (decompress(&reader->stream, why) < 0)
		return -1;
	reader->given = 0;
	reader->archive = archive_read_new();
	if (reader->archive == NULL || support(reader->archive) != 0)
		return reason_memory(why);
	if (reader->stream->seekable) {
		reader->start = stream_seek(reader->stream, 0, SEEK_CUR);
		archive_read_set_seek_callback(reader->archive, seek_stream);
	}
	if (archive_read_open2(reader->archive, reader, NULL, read_stream,
		skip_stream, NULL) != ARCHIVE_OK &&
	    !is_no_archive(reader))
		return fail(reader, NULL, why);
	return 0;
}

int
reader_open(struct reader *reader, int fd, const char *name, struct reason *why)
{
	*reader = (struct reader){.name = name};
	reader->stream = stream_open(fd, name, why);
	return reader->stream == NULL ? -1 : start_archive(reader, why);
}

/* Goes to what follows the archive that has ended, behind whose end libarchive
 * has read ahead. Returns 1 when there is something, 0 when there is nothing,
 * or -1 with the reason. */
static int
find_more(struct reader *reader, struct reason *why)
{
	struct stream *stream = reader->stream;
	int64_t used = archive_filter_bytes(reader->archive, 0);
	uint64_t ahead = reader->given - (uint64_t)used;

	if (stream->seekable) {
		if (stream_seek(stream, reader->start + used, SEEK_SET) < 0)
			return reason_errno(why, "%s", reader->name);
	} else if (ahead > stream->length) {
		return reason_set(why,
		    "%s: what follows its first archive cannot be reached",
		    reader->name);
	} else {
		stream_give_back(stream, (size_t)ahead);
	}
	int r = stream_skip_zeros(stream, why);
	if (r == 0 && stream_has_rest(stream)) {
		reader->stream = stream_remove(stream);
		r = 1;
	}
	return r;
}

/* Reads what lies behind the end that the format has, a checksum perhaps. */
static int
drain(struct reader *reader, struct reason *why)
{
	const void *block;
	ssize_t n = 0;

	if (reader->stream->seekable)
		return 0;
	while ((n = stream_next(reader->stream, &block, why)) > 0)
		continue;
	if (stream_has_rest(reader->stream))
		reader->ignored = true;
	return (int)n;
}

int
reader_next(
    struct reader *reader, struct archive_entry **entry, struct reason *why)
{
	int r;

	while ((r = archive_read_next_header(reader->archive, entry)) ==
		   ARCHIVE_EOF &&
	       has_format(reader, ARCHIVE_FORMAT_CPIO)) {
		r = find_more(reader, why);
		if (r <= 0)
			return r;
		reader->more = true;
		archive_read_free(reader->archive);
		reader->archive = NULL;
		if (start_archive(reader, why) < 0)
			return -1;
	}
	if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
		return 1;
	if (is_no_archive(reader))
		reader->ignored = true;
	else if (r != ARCHIVE_EOF)
		return fail(reader, NULL, why);
	return drain(reader, why);
}

bool
reader_is_file(const struct reader *reader, struct archive_entry *entry)
{
	/* GNU ar, told to be deterministic, gives no type. */
	return archive_entry_filetype(entry) == AE_IFREG ||
	       (archive_entry_filetype(entry) == 0 &&
		   has_format(reader, ARCHIVE_FORMAT_AR));
}

/* Sparse members end in a hole perhaps; others have all that they say. */
static int
finish(struct archive_entry *entry, struct sink *sink, struct reason *why)
{
	uint64_t size = sink->at;

	if (archive_entry_size_is_set(entry)) {
		size = (uint64_t)archive_entry_size(entry);
		if (size != sink->at && archive_entry_sparse_count(entry) == 0)
			return reason_set(
			    why, "%s: is not as long as it says", sink->what);
	}
	return sink_finish(sink, size, why);
}

/* How many bytes are no holes; what the archive says may be a lie. */
static uint64_t
data_bytes(struct archive_entry *entry, uint64_t size)
{
	la_int64_t offset, len;
	uint64_t sum = 0;

	if (archive_entry_sparse_reset(entry) == 0)
		return size;
	while (archive_entry_sparse_next(entry, &offset, &len) == ARCHIVE_OK) {
		if (len > 0)
			sum += (uint64_t)len;
	}
	return sum < size ? sum : size;
}

int
reader_extract(struct reader *reader, struct archive_entry *entry,
    struct sink *sink, struct reason *why)
{
	const char *member = archive_entry_pathname(entry);
	uint64_t limit = 0;
	const void *block;
	la_int64_t at;
	size_t len;
	int r;

	if (archive_entry_is_encrypted(entry))
		return reason_set(why, "%s: is encrypted", sink->what);
	if (archive_entry_size_is_set(entry)) {
		if (archive_entry_size(entry) < 0)
			return reason_set(
			    why, "%s: has a negative size", sink->what);
		limit = (uint64_t)archive_entry_size(entry);
		if (sink_expect(sink, limit, data_bytes(entry, limit), why) < 0)
			return -1;
	}
	while ((r = archive_read_data_block(
		    reader->archive, &block, &len, &at)) == ARCHIVE_OK) {
		if (at < 0)
			return reason_set(
			    why, "%s: has a negative offset", sink->what);
		if (sink_write(sink, block, len, (uint64_t)at, limit, why) < 0)
			return -1;
	}
	if (r != ARCHIVE_EOF)
		return fail(reader, member, why);
	return finish(entry, sink, why);
}

char *
reader_text(struct reader *reader, size_t max, size_t *len, struct reason *why)
{
	char *text = malloc(max + 1);

	*len = 0;
	if (text == NULL) {
		reason_memory(why);
		return NULL;
	}
	while (*len <= max) {
		la_ssize_t n = archive_read_data(
		    reader->archive, text + *len, max + 1 - *len);

		if (n == 0) {
			text[*len] = '\0';
			return text;
		}
		if (n < 0) {
			fail(reader, "images.json", why);
			free(text);
			return NULL;
		}
		*len += (size_t)n;
	}
	reason_set(
	    why, "%s: images.json: larger than %zu bytes", reader->name, max);
	free(text);
	return NULL;
}

bool
reader_is_stream(const struct reader *reader)
{
	return !reader->stream->seekable;
}

void
reader_close(struct reader *reader)
{
	if (reader->archive != NULL)
		archive_read_free(reader->archive);
	reader->archive = NULL;
	stream_close(reader->stream);
	reader->stream = NULL;
}
