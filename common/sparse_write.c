#include "sparse_write.h"

#include "file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum {
	GRANULE = 64 << 10, /* a shorter run of zeros is written */
	STEP_MIN = 1 << 20,
	STEP_MAX = 64 << 20,
};

bool
sparse_is_zero(const unsigned char *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* Allocates what a run up to `end` needs, and more as far as the limit. */
static int
allocate(struct sparse_write *write, off_t at, off_t end, off_t limit)
{
	if (write->step < 0 || end <= write->end)
		return 0;
	if (write->end < at)
		write->end = at;
	if (write->step < STEP_MIN)
		write->step = STEP_MIN;
	off_t to = write->end + write->step;
	if (to < end)
		to = end;
	if (to > limit)
		to = limit;
	/* A short one is not worth its call. */
	if (to - write->end < STEP_MIN) {
		write->end = end;
		return 0;
	}
	if (fallocate(write->fd, FALLOC_FL_KEEP_SIZE, write->end,
		to - write->end) < 0) {
		if (errno == ENOSPC || errno == EDQUOT)
			return -1;
		write->step = -1;
		return 0;
	}
	write->end = to;
	if (write->step < STEP_MAX)
		write->step *= 2;
	return 0;
}

/* Gives back what was allocated for bytes that turned out to be zeros. */
static void
give_back(struct sparse_write *write, off_t at, off_t end)
{
	if (write->step < 0)
		return;
	write->step = STEP_MIN;
	if (at >= write->end)
		return;
	if (end > write->end)
		end = write->end;
	/* Where it fails the space stays allocated: the bytes are right. */
	(void)fallocate(write->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    at, end - at);
}

/* The length of the run of granules that are all zeros, or all not. */
static size_t
run_length(const unsigned char *data, size_t len, off_t at, bool *zero)
{
	size_t n = 0;

	while (n < len) {
		size_t piece = GRANULE - (size_t)((at + (off_t)n) % GRANULE);
		if (piece > len - n)
			piece = len - n;
		bool z = sparse_is_zero(data + n, piece);

		if (n > 0 && z != *zero)
			break;
		*zero = z;
		n += piece;
	}
	return n;
}

int
sparse_write(struct sparse_write *write, const void *data, size_t len, off_t at,
    off_t limit)
{
	const unsigned char *p = data;

	while (len > 0) {
		bool zero = false;
		size_t n = run_length(p, len, at, &zero);
		off_t end = at + (off_t)n;

		if (zero)
			give_back(write, at, end);
		else if (allocate(write, at, end, limit) < 0 ||
			 file_write(write->fd, p, n, (uint64_t)at) < 0)
			return -1;
		else
			write->written += n;
		p += n;
		at = end;
		len -= n;
	}
	return 0;
}
