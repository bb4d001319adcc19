#include "one_file.h"

#include "decompress.h"
#include "extent_copy.h"
#include "sink.h"
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file keeps its holes. */
static int
copy_file(
    struct unpack *unpack, struct sink *sink, uint64_t size, struct reason *why)
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
	return sink_finish(sink, size, why);
}

static int
write_stream(struct stream *stream, struct sink *sink, struct reason *why)
{
	const void *block;
	ssize_t n;

	while ((n = stream_next(stream, &block, why)) > 0) {
		if (sink_write(sink, block, (size_t)n, sink->at,
			sink->at + (uint64_t)n, why) < 0)
			return -1;
	}
	return n < 0 ? -1 : sink_finish(sink, sink->at, why);
}

static int
copy_stream(struct unpack *unpack, struct sink *sink, struct reason *why)
{
	const char *name = unpack->options->name;
	struct stream *stream = stream_open(unpack->fd, name, why);
	int r = stream == NULL ? -1 : 0;

	if (r == 0 && unpack->options->decompress) {
		r = decompress(&stream, why);
		if (r == 0 && !stream_is_empty(stream))
			r = reason_set(why,
			    "%s: not compressed in a way known here", name);
	}
	if (r >= 0)
		r = write_stream(stream, sink, why);
	if (r == 0 && unpack->options->decompress && sink->at == 0)
		r = reason_set(why, "%s: empty", name);
	if (r == 0)
		unpack->ignored = stream_has_rest(stream);
	stream_close(stream);
	return r;
}

static int
fill(struct unpack *unpack, struct member *member, struct reason *why)
{
	const struct options *options = unpack->options;
	struct content content = {.file = member->content.file};
	struct sink sink;
	off_t size = -1;
	int r;

	sink_open(&sink, &content, member->digest, options->max, options->name);
	if (options->raw)
		size = lseek(unpack->fd, 0, SEEK_END);
	if (size >= 0)
		r = copy_file(unpack, &sink, (uint64_t)size, why);
	else
		r = copy_stream(unpack, &sink, why);
	member->content = content;
	return r;
}

int
one_file_make(struct unpack *unpack, struct reason *why)
{
	const struct options *options = unpack->options;
	struct members *members = &unpack->members;
	char *path = NULL;

	if (members_want(
		members, "-", options->operands[0], options->digest, why) < 0)
		return -1;
	struct member *member = members_find(members, "-");
	members->list[0].found = member;
	if (asprintf(&path, "%s/%s", unpack->directory, options->operands[0]) <
	    0)
		return reason_memory(why);
	member->content.file =
	    new_files_open(unpack->files, unpack->dir, path, false, why);
	free(path);
	if (member->content.file == NULL || fill(unpack, member, why) < 0)
		return -1;
	return new_files_commit(unpack->files, why);
}
