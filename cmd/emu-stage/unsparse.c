#include "unsparse.h"

#include "../fatal.h"
#include "../memory.h"
#include "file_io.h"
#include "sparse_write.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK_MAX = 64 << 20,
	BUFFER = 1 << 20,
};

static const unsigned char magic[4] = {0x3a, 0xff, 0x26, 0xed};

/* What is in the file; all little-endian. */
struct header {
	unsigned char magic[4];
	uint16_t major, minor;
	uint16_t header_size, chunk_header_size;
	uint32_t block_size; /* a multiple of 4 */
	uint32_t blocks;     /* of the raw image */
	uint32_t chunks;
	uint32_t checksum;
};

static_assert(sizeof(struct header) == 28, "sparse_header_t");

struct chunk {
	uint16_t type, reserved;
	uint32_t blocks; /* of the raw image */
	uint32_t size;   /* here, with this header */
};

static_assert(sizeof(struct chunk) == 12, "chunk_header_t");

enum { RAW = 0xcac1, FILL = 0xcac2, DONT_CARE = 0xcac3, CRC32 = 0xcac4 };

/* The work on one image. */
struct unsparse {
	const char *name; /* of the source, for messages */
	FILE *in;
	struct sparse_write out;
	uint64_t at;   /* in the raw image */
	uint64_t size; /* of the raw image */
	uint32_t block_size;
	uint16_t chunk_header_size;
	unsigned char *buffer; /* of BUFFER bytes */
};

bool
unsparse_knows(int fd)
{
	unsigned char start[sizeof(magic)];

	return file_read(fd, start, sizeof(start), 0) == 0 &&
	       memcmp(start, magic, sizeof(magic)) == 0;
}

/* Reads len bytes, all of them. */
static void
take(struct unsparse *u, void *bytes, size_t len)
{
	if (fread(bytes, 1, len, u->in) == len)
		return;
	if (ferror(u->in))
		fatal_errno(u->name);
	fatal("%s: ends early", u->name);
}

/* Reads len bytes that mean nothing. */
static void
pass_over(struct unsparse *u, uint64_t len)
{
	while (len > 0) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;

		take(u, u->buffer, n);
		len -= n;
	}
}

static _Noreturn void
refuse(const struct unsparse *u, const char *what)
{
	fatal("%s: not a valid Android sparse image: %s", u->name, what);
}

/* Writes len bytes: those that come, or with `fill` the buffer as it is. */
static void
put(struct unsparse *u, uint64_t len, bool fill)
{
	while (len > 0) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;

		if (!fill)
			take(u, u->buffer, n);
		if (sparse_write(&u->out, u->buffer, n, (off_t)u->at,
			(off_t)(u->at + n)) < 0)
			fatal_errno(u->name);
		u->at += n;
		len -= n;
	}
}

static void
take_fill(struct unsparse *u, uint64_t len)
{
	static const unsigned char zeros[4];
	unsigned char word[sizeof(zeros)];

	take(u, word, sizeof(word));
	if (memcmp(word, zeros, sizeof(word)) == 0) {
		u->at += len;
		return;
	}
	for (size_t i = 0; i < BUFFER; i += sizeof(word))
		memcpy(u->buffer + i, word, sizeof(word));
	put(u, len, true);
}

/* Checks that a chunk has the size that its type and its blocks ask for. */
static void
check_chunk(const struct unsparse *u, const struct chunk *chunk, uint64_t len)
{
	uint16_t type = le16toh(chunk->type);
	uint64_t data = type == RAW                     ? len
			: type == FILL || type == CRC32 ? 4
							: 0;

	if (type < RAW || type > CRC32)
		refuse(u, "a chunk of an unknown type");
	if (le32toh(chunk->size) != u->chunk_header_size + data)
		refuse(u, "a chunk of the wrong size");
	if (type == CRC32 && len != 0)
		refuse(u, "a checksum with blocks");
	if (len > u->size - u->at)
		refuse(u, "longer than its header says");
}

static void
take_chunk(struct unsparse *u)
{
	struct chunk chunk;

	take(u, &chunk, sizeof(chunk));
	pass_over(u, u->chunk_header_size - sizeof(chunk));
	uint64_t len = (uint64_t)le32toh(chunk.blocks) * u->block_size;
	check_chunk(u, &chunk, len);
	switch (le16toh(chunk.type)) {
	case RAW:
		put(u, len, false);
		break;
	case FILL:
		take_fill(u, len);
		break;
	case CRC32:
		pass_over(u, 4);
		break;
	default:
		u->at += len;
	}
}

/* Returns the number of chunks. */
static uint32_t
take_header(struct unsparse *u)
{
	struct header header;

	take(u, header.magic, sizeof(magic));
	if (memcmp(header.magic, magic, sizeof(magic)) != 0)
		fatal("%s: only an Android sparse image can be converted out "
		      "of a FIFO, and this is none",
		    u->name);
	take(u, &header.major, sizeof(header) - sizeof(magic));
	u->block_size = le32toh(header.block_size);
	u->chunk_header_size = le16toh(header.chunk_header_size);
	u->size = (uint64_t)le32toh(header.blocks) * u->block_size;
	if (le16toh(header.major) != 1)
		refuse(u, "its version is not 1");
	if (le16toh(header.header_size) < sizeof(header) ||
	    u->chunk_header_size < sizeof(struct chunk))
		refuse(u, "its headers are too short");
	if (u->block_size == 0 || u->block_size % 4 != 0 ||
	    u->block_size > BLOCK_MAX)
		refuse(u, "its block size");
	pass_over(u, le16toh(header.header_size) - sizeof(header));
	return le32toh(header.chunks);
}

static void
take_image(struct unsparse *u, uint64_t max)
{
	uint32_t chunks = take_header(u);

	if (u->size > max)
		fatal("%s: %" PRIu64 " bytes, more than -M allows", u->name,
		    u->size);
	if (ftruncate(u->out.fd, (off_t)u->size) < 0)
		fatal_errno(u->name);
	for (uint32_t i = 0; i < chunks; i++)
		take_chunk(u);
	if (u->at != u->size)
		refuse(u, "shorter than its header says");
}

void
unsparse_run(struct staging *staging, struct recipe *recipe)
{
	int in = recipe_open_source(recipe);
	struct unsparse u = {.name = recipe->source,
	    .in = memory_got(fdopen(in, "r")),
	    .out = {.fd = recipe_open(staging, recipe)},
	    .buffer = memory_got(malloc(BUFFER))};

	recipe->reading = in;
	take_image(&u, staging->max);
	recipe->finished = true;
	recipe->reading = -1;
	recipe->size = u.size;
	recipe->written = u.out.written;
	free(u.buffer);
	fclose(u.in);
	close(u.out.fd);
}
