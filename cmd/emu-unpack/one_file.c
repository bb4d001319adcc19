#include "one_file.h"

#include "../fatal.h"
#include "../memory.h"
#include "decompress.h"

#include <assert.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header's beginning; numbers are little-endian. */
struct zboot_header {
	char magic[8];
	uint32_t at, size; /* of the compressed kernel */
};

static_assert(sizeof(struct zboot_header) == 16, "zboot header");

/* What is left of the bytes before the compressed kernel, and of it. */
struct zboot {
	size_t before, left;
};

static size_t
fill_kernel(struct stream *stream, const void **block)
{
	struct zboot *zboot = stream->state;

	while (zboot->left > 0) {
		size_t len = stream_next(stream->below, block);
		size_t before = zboot->before;

		if (len == 0)
			fatal("%s: ends early", stream->name);
		if (before > len)
			before = len;
		zboot->before -= before;
		*block = (const char *)*block + before;
		len -= before;
		if (len > zboot->left)
			len = zboot->left;
		zboot->left -= len;
		if (len > 0)
			return len;
	}
	return 0;
}

/* When *stream begins with an EFI zboot kernel (Linux,
 * drivers/firmware/efi/libstub/zboot-header.S), puts a stream on top of it that
 * has the compressed kernel alone. */
static void
open_zboot(struct stream **stream)
{
	struct zboot_header header;
	const void *start;
	size_t len = stream_peek(*stream, &start);

	if (len < sizeof(header) ||
	    memcmp(start, "MZ\0\0zimg", sizeof(header.magic)) != 0)
		return;
	memcpy(&header, start, sizeof(header));
	struct zboot *zboot = malloc(sizeof(*zboot));
	*stream = stream_above(*stream, fill_kernel, zboot);
	*zboot = (struct zboot){le32toh(header.at), le32toh(header.size)};
}

static void
fill(struct unpack *unpack, struct content *content)
{
	const char *name = unpack->options->name;
	struct stream **stream = &unpack->reader.stream;
	const void *block;
	struct writer writer;
	size_t n;

	*stream = stream_open(unpack->fd, name);
	writer_open(&writer, content, unpack->options->max, name);
	open_zboot(stream);
	if (!decompress(stream) && (*stream)->last != NULL)
		fatal("%s: not compressed in a way known here", name);
	while ((n = stream_next(*stream, &block)) > 0)
		writer_write(&writer, block, n, writer.at, writer.at + n);
	if (writer.at == 0)
		fatal("%s: empty", name);
	writer_finish(&writer, writer.at);
	unpack->ignored = stream_has_rest(*stream);
	reader_close(&unpack->reader);
}

void
one_file_make(struct unpack *unpack)
{
	struct members *members = &unpack->members;
	const char *name = unpack->options->operands[0];
	char *path = memory_format("%s/%s", unpack->directory, name);

	members_want(members, "-", name);
	struct member *member = members_find(members, "-");
	members->list[0].found = member;
	member->content.file =
	    new_files_open(unpack->files, unpack->dir, path, false);
	free(path);
	fill(unpack, &member->content);
	new_files_commit(unpack->files);
}
