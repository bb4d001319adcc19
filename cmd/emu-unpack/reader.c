#include "reader.h"

#include "../fatal.h"
#include "../memory.h"
#include "decompress.h"
#include "file_io.h"

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
static _Noreturn void
fail(struct reader *reader, const char *member)
{
	const char *text = archive_error_string(reader->archive);

	if (text == NULL ||
	    (reader->zip && archive_format(reader->archive) == 0))
		text = "is cut short or damaged";
	/* Its table of contents is at the end. */
	if (!reader->stream->seekable &&
	    has_format(reader, ARCHIVE_FORMAT_7ZIP))
		text = "this format cannot be streamed, it must be a file";
	fatal("%s%s%s: %s", reader->name, member == NULL ? "" : ": ",
	    member == NULL ? "" : member, text);
}

static la_ssize_t
read_stream(struct archive *archive, void *context, const void **block)
{
	struct reader *reader = context;
	size_t n = stream_next(reader->stream, block);

	(void)archive;
	reader->given += n;
	return (la_ssize_t)n;
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
	    archive_read_support_format_zip_seekable,
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
	return reader->more && archive_format(reader->archive) == 0;
}

static bool
is_zip(struct stream *stream)
{
	const void *block;
	size_t len = stream_peek(stream, &block);

	return len >= 4 && (memcmp(block, "PK\3\4", 4) == 0 ||
			       memcmp(block, "PK\5\6", 4) == 0);
}

/* Has the reader read a copy of its stream, in fd. */
static void
copy_stream(struct reader *reader, int fd)
{
	struct stream *stream = reader->stream;
	const void *block;
	uint64_t at = 0;
	size_t len;

	for (; (len = stream_next(stream, &block)) > 0; at += len) {
		if (file_write(fd, block, len, at) < 0)
			fatal_errno(reader->name);
	}
	reader->ignored = stream_has_rest(stream);
	stream_close(stream);
	reader->stream = stream_open(fd, reader->name);
	reader->fd = fd;
}

/* Starts with the archive that the stream stands at. */
static void
start_archive(struct reader *reader)
{
	reader->given = 0;
	reader->archive = archive_read_new();
	if (reader->archive == NULL || support(reader->archive) != 0)
		fatal_memory();
	if (reader->stream->seekable) {
		reader->start = stream_seek(reader->stream, 0, SEEK_CUR);
		archive_read_set_seek_callback(reader->archive, seek_stream);
	}
	if (archive_read_open2(reader->archive, reader, NULL, read_stream,
		skip_stream, NULL) != ARCHIVE_OK &&
	    !is_no_archive(reader))
		fail(reader, NULL);
}

void
reader_open(struct reader *reader, int fd, const char *name,
    struct new_files *files, int dir)
{
	*reader = (struct reader){.name = name, .fd = fd};
	reader->stream = stream_open(fd, name);
	decompress(&reader->stream);
	reader->zip = is_zip(reader->stream);
	if (reader->zip && !reader->stream->seekable)
		copy_stream(
		    reader, new_files_open(files, dir, NULL, false)->whole.fd);
	start_archive(reader);
}

/* Goes to what follows the archive that has ended, behind whose end libarchive
 * has read ahead. Returns whether there is something. */
static bool
find_more(struct reader *reader)
{
	struct stream *stream = reader->stream;
	int64_t used = archive_filter_bytes(reader->archive, 0);
	uint64_t ahead = reader->given - (uint64_t)used;

	if (stream->seekable) {
		if (stream_seek(stream, reader->start + used, SEEK_SET) < 0)
			fatal_errno(reader->name);
	} else if (ahead > stream->length) {
		fatal("%s: what follows its first archive cannot be reached",
		    reader->name);
	} else {
		stream_give_back(stream, (size_t)ahead);
	}
	if (stream_skip_zeros(stream))
		return true;
	if (!stream_has_rest(stream))
		return false;
	reader->stream = stream_remove(stream);
	return true;
}

/* Reads what lies behind the end that the format has, a checksum perhaps. */
static void
drain(struct reader *reader)
{
	const void *block;

	if (reader->stream->seekable)
		return;
	while (stream_next(reader->stream, &block) > 0)
		continue;
	if (stream_has_rest(reader->stream))
		reader->ignored = true;
}

struct archive_entry *
reader_next(struct reader *reader)
{
	struct archive_entry *entry;
	int r;

	while ((r = archive_read_next_header(reader->archive, &entry)) ==
		   ARCHIVE_EOF &&
	       has_format(reader, ARCHIVE_FORMAT_CPIO)) {
		if (!find_more(reader))
			return NULL;
		reader->more = true;
		archive_read_free(reader->archive);
		reader->archive = NULL;
		decompress(&reader->stream);
		start_archive(reader);
	}
	if (r == ARCHIVE_OK || r == ARCHIVE_WARN)
		return entry;
	if (is_no_archive(reader))
		reader->ignored = true;
	else if (r != ARCHIVE_EOF)
		fail(reader, NULL);
	drain(reader);
	return NULL;
}

bool
reader_is_file(const struct reader *reader, struct archive_entry *entry)
{
	/* GNU ar, told to be deterministic, gives no type. */
	return archive_entry_filetype(entry) == AE_IFREG ||
	       (archive_entry_filetype(entry) == 0 &&
		   has_format(reader, ARCHIVE_FORMAT_AR));
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

/* Sparse members end in a hole perhaps; others have all that they say. */
static void
finish(struct archive_entry *entry, struct writer *writer)
{
	uint64_t size = writer->at;

	if (archive_entry_size_is_set(entry)) {
		size = (uint64_t)archive_entry_size(entry);
		if (size != writer->at &&
		    archive_entry_sparse_count(entry) == 0)
			fatal("%s: is not as long as it says", writer->what);
	}
	writer_finish(writer, size);
}

void
reader_extract(
    struct reader *reader, struct archive_entry *entry, struct writer *writer)
{
	uint64_t limit = 0;
	const void *block;
	la_int64_t at;
	size_t len;
	int r;

	if (archive_entry_is_encrypted(entry))
		fatal("%s: is encrypted", writer->what);
	if (archive_entry_size_is_set(entry)) {
		if (archive_entry_size(entry) < 0)
			fatal("%s: has a negative size", writer->what);
		limit = (uint64_t)archive_entry_size(entry);
		writer_expect(writer, limit, data_bytes(entry, limit));
	}
	while ((r = archive_read_data_block(
		    reader->archive, &block, &len, &at)) == ARCHIVE_OK) {
		if (at < 0)
			fatal("%s: has a negative offset", writer->what);
		writer_write(writer, block, len, (uint64_t)at, limit);
	}
	if (r != ARCHIVE_EOF)
		fail(reader, archive_entry_pathname(entry));
	finish(entry, writer);
}

char *
reader_text(struct reader *reader, size_t max, size_t *len)
{
	char *text = memory_got(malloc(max + 1));
	la_ssize_t n;

	*len = 0;
	while ((n = archive_read_data(
		    reader->archive, text + *len, max + 1 - *len)) > 0) {
		*len += (size_t)n;
		if (*len > max)
			fatal("%s: images.json: larger than %zu bytes",
			    reader->name, max);
	}
	if (n < 0)
		fail(reader, "images.json");
	text[*len] = '\0';
	return text;
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
