#include "one_file.h"

#include "../fatal.h"
#include "decompress.h"
#include "zboot.h"

#include <stdio.h>
#include <stdlib.h>

static void
fill(struct unpack *unpack, struct content *content)
{
	const char *name = unpack->options->name;
	struct stream **stream = &unpack->reader.stream;
	const void *block;
	struct sink sink;
	size_t n;

	*stream = stream_open(unpack->fd, name);
	sink_open(&sink, content, unpack->options->max, name);
	zboot_open(stream);
	if (!decompress(stream) && !stream_is_empty(*stream))
		fatal("%s: not compressed in a way known here", name);
	while ((n = stream_next(*stream, &block)) > 0)
		sink_write(&sink, block, n, sink.at, sink.at + n);
	if (sink.at == 0)
		fatal("%s: empty", name);
	sink_finish(&sink, sink.at);
	unpack->ignored = stream_has_rest(*stream);
	reader_close(&unpack->reader);
}

void
one_file_make(struct unpack *unpack)
{
	struct members *members = &unpack->members;
	const char *name = unpack->options->operands[0];
	char *path;

	members_want(members, "-", name);
	struct member *member = members_find(members, "-");
	members->list[0].found = member;
	if (asprintf(&path, "%s/%s", unpack->directory, name) < 0)
		fatal_memory();
	member->content.file =
	    new_files_open(unpack->files, unpack->dir, path, false);
	free(path);
	fill(unpack, &member->content);
	new_files_commit(unpack->files);
}
