#include "unsparse.h"

#include "file_io.h"
#include "source.h"
#include "sparse_write.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
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
	int in;
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
static int
take(struct unsparse *u, void *bytes, size_t len, struct reason *why)
{
	char *p = bytes;

	while (len > 0) {
		ssize_t n = read(u->in, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reason_errno(why, "%s", u->name);
		if (n == 0)
			return reason_set(why, "%s: ends early", u->name);
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Reads len bytes that mean nothing. */
static int
pass_over(struct unsparse *u, uint64_t len, struct reason *why)
{
	while (len > 0) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;

		if (take(u, u->buffer, n, why) < 0)
			return -1;
		len -= n;
	}
	return 0;
}

static int
refuse(const struct unsparse *u, const char *what, struct reason *why)
{
	return reason_set(
	    why, "%s: not a valid Android sparse image: %s", u->name, what);
}

static int
put(struct unsparse *u, size_t len, struct reason *why)
{
	if (sparse_write(&u->out, u->buffer, len, (off_t)u->at,
		(off_t)(u->at + len)) < 0)
		return reason_errno(why, "%s", u->name);
	u->at += len;
	return 0;
}

static int
take_raw(struct unsparse *u, uint64_t len, struct reason *why)
{
	while (len > 0) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;

		if (take(u, u->buffer, n, why) < 0 || put(u, n, why) < 0)
			return -1;
		len -= n;
	}
	return 0;
}

static int
take_fill(struct unsparse *u, uint64_t len, struct reason *why)
{
	static const unsigned char zeros[4];
	unsigned char word[sizeof(zeros)];

	if (take(u, word, sizeof(word), why) < 0)
		return -1;
	if (memcmp(word, zeros, sizeof(word)) == 0) {
		u->at += len;
		return 0;
	}
	for (size_t i = 0; i < BUFFER; i += sizeof(word))
		memcpy(u->buffer + i, word, sizeof(word));
	while (len > 0) {
		size_t n = len < BUFFER ? (size_t)len : BUFFER;

		if (put(u, n, why) < 0)
			return -1;
		len -= n;
	}
	return 0;
}

/* Checks that a chunk has the size that its type and its blocks ask for. */
static int
check_chunk(const struct unsparse *u, const struct chunk *chunk, uint64_t len,
    struct reason *why)
{
	uint16_t type = le16toh(chunk->type);
	uint64_t data = type == RAW                     ? len
			: type == FILL || type == CRC32 ? 4
							: 0;

	if (type < RAW || type > CRC32)
		return refuse(u, "a chunk of an unknown type", why);
	if (le32toh(chunk->size) != u->chunk_header_size + data)
		return refuse(u, "a chunk of the wrong size", why);
	if (type == CRC32 && len != 0)
		return refuse(u, "a checksum with blocks", why);
	if (len > u->size - u->at)
		return refuse(u, "longer than its header says", why);
	return 0;
}

static int
take_chunk(struct unsparse *u, struct reason *why)
{
	struct chunk chunk;

	if (take(u, &chunk, sizeof(chunk), why) < 0 ||
	    pass_over(u, u->chunk_header_size - sizeof(chunk), why) < 0)
		return -1;
	uint64_t len = (uint64_t)le32toh(chunk.blocks) * u->block_size;
	if (check_chunk(u, &chunk, len, why) < 0)
		return -1;
	switch (le16toh(chunk.type)) {
	case RAW:
		return take_raw(u, len, why);
	case FILL:
		return take_fill(u, len, why);
	case CRC32:
		return pass_over(u, 4, why);
	default:
		u->at += len;
		return 0;
	}
}

static int
take_header(struct unsparse *u, uint32_t *chunks, struct reason *why)
{
	struct header header;

	if (take(u, header.magic, sizeof(magic), why) < 0)
		return -1;
	if (memcmp(header.magic, magic, sizeof(magic)) != 0)
		return reason_set(why,
		    "%s: only an Android sparse image can be converted out of a "
		    "FIFO, and this is none",
		    u->name);
	if (take(u, &header.major, sizeof(header) - sizeof(magic), why) < 0)
		return -1;
	u->block_size = le32toh(header.block_size);
	u->chunk_header_size = le16toh(header.chunk_header_size);
	u->size = (uint64_t)le32toh(header.blocks) * u->block_size;
	*chunks = le32toh(header.chunks);
	if (le16toh(header.major) != 1)
		return refuse(u, "its version is not 1", why);
	if (le16toh(header.header_size) < sizeof(header) ||
	    u->chunk_header_size < sizeof(struct chunk))
		return refuse(u, "its headers are too short", why);
	if (u->block_size == 0 || u->block_size % 4 != 0 ||
	    u->block_size > BLOCK_MAX)
		return refuse(u, "its block size", why);
	return pass_over(u, le16toh(header.header_size) - sizeof(header), why);
}

static int
take_image(struct unsparse *u, uint64_t max, struct reason *why)
{
	uint32_t chunks = 0;

	if (take_header(u, &chunks, why) < 0)
		return -1;
	if (u->size > max)
		return reason_set(why,
		    "%s: %" PRIu64 " bytes, more than -M allows", u->name,
		    u->size);
	if (ftruncate(u->out.fd, (off_t)u->size) < 0)
		return reason_errno(why, "%s", u->name);
	for (uint32_t i = 0; i < chunks; i++) {
		if (take_chunk(u, why) < 0)
			return -1;
	}
	return u->at == u->size
		   ? 0
		   : refuse(u, "shorter than its header says", why);
}

int
unsparse_run(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	struct unsparse u = {.name = recipe->source,
	    .in = source_open(recipe, why),
	    .out = {.fd = whole_file_take(&recipe->out->whole)},
	    .buffer = malloc(BUFFER)};
	int result = -1;

	recipe->reading = u.in;
	if (u.buffer == NULL)
		reason_memory(why);
	else if (u.out.fd < 0)
		reason_errno(why, "%s", recipe->path);
	else if (u.in >= 0)
		result = take_image(&u, staging->max, why);
	recipe->finished = true;
	recipe->reading = -1;
	recipe->size = u.size;
	recipe->written = u.out.written;
	free(u.buffer);
	if (u.in >= 0)
		close(u.in);
	if (u.out.fd >= 0)
		close(u.out.fd);
	return result;
}
