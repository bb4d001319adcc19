#include "one_file.h"

#include "digest.h"
#include "extent_copy.h"
#include "feed.h"
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file keeps its holes. */
static int
copy_file(struct unpack *unpack, struct sink *sink, uint64_t size,
    struct content *content, struct reason *why)
{
	struct extent_copy job = {.in = unpack->fd,
	    .out = sink->out.fd,
	    .see = sink->has_digest ? digest_add : NULL,
	    .context = &sink->digest};

	if (sink_expect(sink, size, 0, why) < 0)
		return -1;
	if (extent_copy(&job, 0, 0, size) < 0)
		return reason_errno(why, "%s", unpack->options->name);
	sink->at = size;
	sink->out.written = job.written;
	return sink_finish(sink, size, content, why);
}

static int
copy_stream(struct unpack *unpack, struct sink *sink, struct content *content,
    struct reason *why)
{
	struct feed *feed =
	    feed_start(unpack->fd, unpack->options->name, true, why);
	const void *block;
	ssize_t n = -1;

	if (feed == NULL)
		return -1;
	while ((n = feed_next(feed, &block, why)) > 0) {
		if (sink_write(sink, block, (size_t)n, sink->at,
			sink->at + (uint64_t)n, why) < 0) {
			n = -1;
			break;
		}
	}
	feed_stop(feed);
	return n < 0 ? -1 : sink_finish(sink, sink->at, content, why);
}

static int
decompress(struct unpack *unpack, struct sink *sink, struct content *content,
    struct reason *why)
{
	struct archive_entry *entry;
	struct reader reader;
	int r =
	    reader_open(&reader, unpack->fd, unpack->options->name, true, why);

	if (r == 0)
		r = reader_next(&reader, &entry, why);
	if (r == 0)
		reason_set(why, "%s: empty", unpack->options->name);
	if (r > 0)
		r = reader_extract(&reader, entry, sink, content, why);
	else
		r = -1;
	if (r == 0)
		r = reader_next(&reader, &entry, why);
	reader_close(&reader);
	return r;
}

static int
make_file(struct unpack *unpack, struct sink *sink, struct content *content,
    struct reason *why)
{
	off_t size;

	if (unpack->options->decompress)
		return decompress(unpack, sink, content, why);
	size = lseek(unpack->fd, 0, SEEK_END);
	if (size < 0)
		return copy_stream(unpack, sink, content, why);
	return copy_file(unpack, sink, (uint64_t)size, content, why);
}

int
one_file_make(struct unpack *unpack, struct reason *why)
{
	const struct options *options = unpack->options;
	struct content content;
	struct sink sink;
	char *path = NULL;
	int r = -1;

	if (members_want(&unpack->members, "-", options->operands[0],
		options->digest, why) < 0 ||
	    members_add(&unpack->members, strdup(options->source), MEMBER_FILE,
		NULL, why) == NULL)
		return -1;
	if (asprintf(&path, "%s/%s", unpack->directory, options->operands[0]) <
	    0)
		return reason_memory(why);
	struct new_file *file =
	    new_files_open(unpack->files, unpack->dir, path, false, why);
	if (file != NULL) {
		sink_open(&sink, file->whole.fd, options->digest, options->max,
		    options->name);
		r = make_file(unpack, &sink, &content, why);
	}
	free(path);
	if (r < 0)
		return -1;
	unpack->members.list[0].content = content;
	return new_files_commit(unpack->files, why);
}
