#include "one_file.h"

#include "decompress.h"
#include "sink.h"
#include "stream.h"
#include "zboot.h"

#include <stdio.h>
#include <stdlib.h>

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
fill(struct unpack *unpack, struct content *content, struct reason *why)
{
	const char *name = unpack->options->name;
	struct stream *stream = stream_open(unpack->fd, name, why);
	struct sink sink;

	if (stream == NULL)
		return -1;
	sink_open(&sink, content, unpack->options->max, name);
	int r = zboot_open(&stream, why);
	if (r == 0)
		r = decompress(&stream, why);
	if (r == 0 && !stream_is_empty(stream))
		r = reason_set(
		    why, "%s: not compressed in a way known here", name);
	if (r >= 0)
		r = write_stream(stream, &sink, why);
	if (r == 0 && sink.at == 0)
		r = reason_set(why, "%s: empty", name);
	unpack->ignored = r == 0 && stream_has_rest(stream);
	stream_close(stream);
	return r;
}

int
one_file_make(struct unpack *unpack, struct reason *why)
{
	struct members *members = &unpack->members;
	const char *name = unpack->options->operands[0];
	char *path = NULL;

	if (members_want(members, "-", name, why) < 0)
		return -1;
	struct member *member = members_find(members, "-");
	members->list[0].found = member;
	if (asprintf(&path, "%s/%s", unpack->directory, name) < 0)
		return reason_memory(why);
	member->content.file =
	    new_files_open(unpack->files, unpack->dir, path, false, why);
	free(path);
	if (member->content.file == NULL ||
	    fill(unpack, &member->content, why) < 0)
		return -1;
	return new_files_commit(unpack->files, why);
}
