#include "shift.h"

#include "file_io.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 1 << 20,   /* as large as the folios of the page cache */
	GRANULE = 4 << 10, /* a block of most file systems */
};

static bool
is_zero(const unsigned char *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* Whether there is no data in [at, end). */
static bool
is_hole(int fd, uint64_t at, uint64_t end)
{
	off_t data = lseek(fd, (off_t)at, SEEK_DATA);

	return data < 0 ? errno == ENXIO : (uint64_t)data >= end;
}

/* Writes the bytes at `at`, granules of zeros as holes. */
static int
write_block(int fd, const unsigned char *bytes, uint64_t at, size_t len,
    uint64_t *written)
{
	for (size_t done = 0, end = 0; done < len; done = end) {
		bool zero = false, first = true;

		for (size_t n; end < len; end += n, first = false) {
			n = len - end < GRANULE ? len - end : GRANULE;
			bool z = is_zero(bytes + end, n);
			if (!first && z != zero)
				break;
			zero = z;
		}
		if (zero ? file_punch(fd, at + done, at + end) < 0
			 : file_write(fd, bytes + done, end - done, at + done) <
			       0)
			return -1;
		if (!zero)
			*written += end - done;
	}
	return 0;
}

int
shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written)
{
	unsigned char *bytes = aligned_alloc(4096, BLOCK);
	int result = bytes == NULL ? -1 : 0;

	/* All of a block is read before any of it is written: the two places
	 * overlap. */
	while (end > start && result == 0) {
		uint64_t at = end - start > BLOCK ? end - BLOCK : start;
		size_t len = (size_t)(end - at);

		if (is_hole(fd, at, end))
			result = file_punch(fd, at + by, end + by);
		else if ((result = file_read(fd, bytes, len, at)) == 0)
			result = write_block(fd, bytes, at + by, len, written);
		end = at;
	}
	free(bytes);
	return result;
}
