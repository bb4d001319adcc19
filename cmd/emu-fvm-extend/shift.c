#include "shift.h"

#include "file_io.h"

#include <errno.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 1 << 20, /* as large as the folios of the page cache */
	PIECES = 128,    /* as many as 4 KiB blocks make, each second a hole */
};

/* A stretch of data within a block. */
struct piece {
	size_t from, to;
};

/* What is moved at once: all of it is read before any of it is written, for the
 * two places overlap. */
struct block {
	alignas(4096) unsigned char bytes[BLOCK];
	struct piece pieces[PIECES];
	size_t count;
};

static bool
is_zero(const unsigned char *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* The next data in [at, end): stores where it begins and ends. */
static int
find_data(int fd, uint64_t at, uint64_t end, uint64_t *start, uint64_t *stop)
{
	off_t n = lseek(fd, (off_t)at, SEEK_DATA);

	*start = *stop = end;
	if (n < 0 && errno == ENXIO)
		return 0;
	if (n < 0 && (errno == EINVAL || errno == EOPNOTSUPP)) {
		*start = at;
		return 0;
	}
	if (n < 0)
		return -1;
	if ((uint64_t)n >= end)
		return 0;
	*start = (uint64_t)n;
	n = lseek(fd, n, SEEK_HOLE);
	if (n < 0)
		return -1;
	if ((uint64_t)n < end)
		*stop = (uint64_t)n;
	return 0;
}

/* Reads the data in [at, at + len) into the block's bytes and notes where it
 * is. The last piece takes in the holes that there is no room to note. */
static int
read_block(int fd, struct block *block, uint64_t at, size_t len)
{
	size_t from = 0;

	block->count = 0;
	while (from < len) {
		uint64_t start, stop;

		if (find_data(fd, at + from, at + len, &start, &stop) < 0)
			return -1;
		struct piece *p = &block->pieces[block->count];
		p->from = (size_t)(start - at);
		p->to = (size_t)(stop - at);
		if (p->from == len)
			break;
		if (++block->count == PIECES)
			p->to = len;
		if (file_read(fd, block->bytes + p->from, p->to - p->from,
			at + p->from) < 0)
			return -1;
		from = p->to;
	}
	return 0;
}

/* Writes the block at `at`, with its holes. */
static int
write_block(int fd, const struct block *block, uint64_t at, size_t len,
    uint64_t *written)
{
	size_t done = 0;

	for (size_t i = 0; i < block->count; i++) {
		const struct piece *p = &block->pieces[i];

		if (is_zero(block->bytes + p->from, p->to - p->from))
			continue;
		if (file_punch(fd, at + done, at + p->from) < 0 ||
		    file_write(fd, block->bytes + p->from, p->to - p->from,
			at + p->from) < 0)
			return -1;
		*written += p->to - p->from;
		done = p->to;
	}
	return file_punch(fd, at + done, at + len);
}

int
shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written)
{
	struct block *block =
	    aligned_alloc(alignof(struct block), sizeof(*block));
	int result = 0;

	if (block == NULL)
		return -1;
	while (end > start && result == 0) {
		uint64_t at = end - start > BLOCK ? end - BLOCK : start;
		size_t len = (size_t)(end - at);

		result = read_block(fd, block, at, len);
		if (result == 0)
			result = write_block(fd, block, at + by, len, written);
		end = at;
	}
	free(block);
	return result;
}
