#include "reader.h"

#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 256 << 10 };

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
		text = "cannot be read";
	else if (strstr(text, "does not support seeking") != NULL)
		text = "this format cannot be streamed, it must be a file";
	if (member == NULL)
		return reason_set(why, "%s: %s", reader->name, text);
	return reason_set(why, "%s: %s: %s", reader->name, member, text);
}

static la_ssize_t
read_feed(struct archive *archive, void *context, const void **block)
{
	struct reader *reader = context;
	ssize_t n = feed_next(reader->feed, block, &reader->why);

	if (n < 0) {
		reader->failed = true;
		archive_set_error(archive, EIO, "%s", reader->why.text);
	}
	return n;
}

/* All formats but mtree, which reads files that it names, and all filters but
 * those that run programs. */
static int
support(struct archive *archive, bool raw)
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
	static int (*const filters[])(struct archive *) = {
	    archive_read_support_filter_bzip2,
	    archive_read_support_filter_compress,
	    archive_read_support_filter_gzip,
	    archive_read_support_filter_lz4,
	    archive_read_support_filter_lzip,
	    archive_read_support_filter_lzma,
	    archive_read_support_filter_xz,
	    archive_read_support_filter_zstd,
	};

	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		if (filters[i](archive) != ARCHIVE_OK)
			return -1;
	}
	if (raw)
		return archive_read_support_format_raw(archive) +
		       archive_read_support_format_empty(archive);
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (formats[i](archive) < ARCHIVE_WARN)
			return -1;
	}
	return 0;
}

/* A plain file is read by libarchive, which can seek in it. */
static bool
wants_feed(int fd)
{
	unsigned char start[8];
	off_t at = lseek(fd, 0, SEEK_CUR);

	if (at < 0)
		return true;
	ssize_t n = pread(fd, start, sizeof(start), at);
	return n > 0 && feed_format(start, (size_t)n) != FEED_PLAIN;
}

static int
check_start(struct reader *reader, bool raw, struct reason *why)
{
	if (!raw || archive_filter_code(reader->archive, 0) != 0 ||
	    (reader->feed != NULL && feed_kind(reader->feed) != FEED_PLAIN))
		return 0;
	return reason_set(
	    why, "%s: not compressed in a way known here", reader->name);
}

int
reader_open(struct reader *reader, int fd, const char *name, bool raw,
    struct reason *why)
{
	int r;

	*reader = (struct reader){.name = name, .raw = raw};
	if (wants_feed(fd)) {
		reader->feed = feed_start(fd, name, false, why);
		if (reader->feed == NULL)
			return -1;
	}
	reader->archive = archive_read_new();
	if (reader->archive == NULL || support(reader->archive, raw) != 0)
		return reason_memory(why);
	if (reader->feed != NULL)
		r = archive_read_open(
		    reader->archive, reader, NULL, read_feed, NULL);
	else
		r = archive_read_open_fd(reader->archive, fd, BLOCK);
	if (r != ARCHIVE_OK)
		return fail(reader, NULL, why);
	return 0;
}

/* What lies behind the end that the format has, a checksum perhaps. */
static int
drain(struct reader *reader, struct reason *why)
{
	const void *block;
	ssize_t n = 0;

	if (reader->feed == NULL)
		return 0;
	do {
		n = feed_next(reader->feed, &block, why);
	} while (n > 0);
	return (int)n;
}

int
reader_next(
    struct reader *reader, struct archive_entry **entry, struct reason *why)
{
	switch (archive_read_next_header(reader->archive, entry)) {
	case ARCHIVE_EOF:
		return drain(reader, why);
	case ARCHIVE_OK:
	case ARCHIVE_WARN:
		break;
	default:
		return fail(reader, NULL, why);
	}
	if (check_start(reader, reader->raw, why) < 0)
		return -1;
	return 1;
}

bool
reader_is_file(const struct reader *reader, struct archive_entry *entry)
{
	int base = archive_format(reader->archive) & ARCHIVE_FORMAT_BASE_MASK;

	/* GNU ar, told to be deterministic, gives no type. */
	return archive_entry_filetype(entry) == AE_IFREG ||
	       (archive_entry_filetype(entry) == 0 &&
		   base == ARCHIVE_FORMAT_AR);
}

/* Sparse members end in a hole perhaps; others have all that they say. */
static int
finish(struct archive_entry *entry, struct sink *sink, struct content *content,
    struct reason *why)
{
	uint64_t size = sink->at;

	if (archive_entry_size_is_set(entry)) {
		size = (uint64_t)archive_entry_size(entry);
		if (size != sink->at && archive_entry_sparse_count(entry) == 0)
			return reason_set(
			    why, "%s: is not as long as it says", sink->what);
	}
	return sink_finish(sink, size, content, why);
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
    struct sink *sink, struct content *content, struct reason *why)
{
	const char *member = reader->raw ? NULL : archive_entry_pathname(entry);
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
	return finish(entry, sink, content, why);
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
	return reader->feed != NULL;
}

void
reader_close(struct reader *reader)
{
	if (reader->archive != NULL)
		archive_read_free(reader->archive);
	reader->archive = NULL;
	feed_stop(reader->feed);
	reader->feed = NULL;
}
