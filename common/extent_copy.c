#include "extent_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 256 << 10,  /* larger ones fall out of the processor's cache */
	GRANULE = 64 << 10, /* a shorter run of zeros is written */
	WINDOW_MIN = 1 << 20,
	WINDOW_MAX = 64 << 20,
};

/* Space is allocated ahead of the writes, as far as the data extent goes, in
 * steps that grow while the data stays dense and start small again after a run
 * of zeros: those leave holes. */
struct window {
	off_t end;  /* of what is allocated */
	off_t step; /* of the next allocation; 0 when it is of no use */
};

static bool
is_zero(const unsigned char *p, size_t len)
{
	return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

static int
fail(struct extent_copy *copy, int fd)
{
	copy->failed = fd;
	return -1;
}

static int
read_block(
    struct extent_copy *copy, unsigned char *buffer, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pread(copy->in, buffer, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENODATA;
		if (n <= 0)
			return fail(copy, copy->in);
		buffer += n;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_run(
    struct extent_copy *copy, const unsigned char *data, size_t len, off_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(copy->out, data, len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(copy, copy->out);
		data += n;
		at += n;
		len -= (size_t)n;
		copy->written += (uint64_t)n;
	}
	return 0;
}

/* Allocates what a run up to `end` needs; the extent ends at `limit`. */
static int
allocate(struct extent_copy *copy, struct window *window, off_t at, off_t end,
    off_t limit)
{
	if (window->step == 0 || end <= window->end)
		return 0;
	if (window->end < at)
		window->end = at;
	off_t to = window->end + window->step;
	if (to < end)
		to = end;
	if (to > limit)
		to = limit;
	if (to - window->end < WINDOW_MIN) {
		window->end = to;
		return 0;
	}
	if (fallocate(copy->out, FALLOC_FL_KEEP_SIZE, window->end,
		to - window->end) < 0) {
		if (errno == ENOSPC || errno == EDQUOT)
			return fail(copy, copy->out);
		window->step = 0;
		return 0;
	}
	window->end = to;
	if (window->step < WINDOW_MAX)
		window->step *= 2;
	return 0;
}

/* Gives back what was allocated for bytes that turned out to be zeros. */
static void
give_back(struct extent_copy *copy, struct window *window, off_t at, off_t end)
{
	if (window->step == 0)
		return;
	window->step = WINDOW_MIN;
	if (at >= window->end)
		return;
	if (end > window->end)
		end = window->end;
	/* Where it fails the space stays allocated: the bytes are right. */
	(void)fallocate(copy->out, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    at, end - at);
}

/* Writes a block that belongs at `at` without its long runs of zeros. */
static int
write_block(struct extent_copy *copy, struct window *window,
    const unsigned char *data, size_t len, off_t at, off_t limit)
{
	size_t start = 0;

	while (start < len) {
		size_t i = start, piece = 0;
		bool zero = false;

		/* A run of granules that are all zeros, or all not. */
		for (; i < len; i += piece) {
			piece = len - i < GRANULE ? len - i : GRANULE;
			bool z = is_zero(data + i, piece);

			if (i > start && z != zero)
				break;
			zero = z;
		}
		off_t from = at + (off_t)start, to = at + (off_t)i;
		if (zero)
			give_back(copy, window, from, to);
		else if (allocate(copy, window, from, to, limit) < 0 ||
			 write_run(copy, data + start, i - start, from) < 0)
			return -1;
		start = i;
	}
	return 0;
}

static void
account(struct extent_copy *copy, const void *data, uint64_t len)
{
	if (copy->see != NULL)
		copy->see(copy->context, data, len);
	if (copy->done != NULL)
		atomic_fetch_add(copy->done, len);
}

static int
copy_extent(struct extent_copy *copy, unsigned char *buffer, off_t from,
    off_t to, uint64_t len)
{
	struct window window = {.end = to, .step = WINDOW_MIN};
	off_t limit = to + (off_t)len;

	while (to < limit) {
		size_t n = limit - to < BLOCK ? (size_t)(limit - to) : BLOCK;

		if (copy->cancel != NULL && atomic_load(copy->cancel)) {
			errno = ECANCELED;
			return fail(copy, copy->in);
		}
		if (read_block(copy, buffer, n, from) < 0 ||
		    write_block(copy, &window, buffer, n, to, limit) < 0)
			return -1;
		account(copy, buffer, n);
		from += (off_t)n;
		to += (off_t)n;
	}
	return 0;
}

/* Finds the next data at or after `at`, within `end`. Where the file system
 * does not know about holes, all is data. */
static int
find_data(
    struct extent_copy *copy, off_t at, off_t end, off_t *start, off_t *stop)
{
	*start = lseek(copy->in, at, SEEK_DATA);
	if (*start < 0 && errno == ENXIO) {
		*start = *stop = end;
		return 0;
	}
	if (*start < 0 && errno != EINVAL && errno != EOPNOTSUPP)
		return fail(copy, copy->in);
	if (*start < 0) {
		*start = at;
		*stop = end;
		return 0;
	}
	*stop = *start < end ? lseek(copy->in, *start, SEEK_HOLE) : end;
	if (*stop < 0)
		return fail(copy, copy->in);
	if (*start > end)
		*start = end;
	if (*stop > end)
		*stop = end;
	return 0;
}

/* A hole at the end of the range lies inside the file, or the file shrank. */
static int
check_size(struct extent_copy *copy, off_t end)
{
	off_t size = lseek(copy->in, 0, SEEK_END);

	if (size >= end)
		return 0;
	if (size >= 0)
		errno = ENODATA;
	return fail(copy, copy->in);
}

int
extent_copy(struct extent_copy *copy, off_t from, off_t to, uint64_t len)
{
	unsigned char *buffer = malloc(BLOCK);
	off_t at = from, end = from + (off_t)len;
	int result = -1;

	copy->failed = copy->in;
	if (buffer == NULL)
		return -1;
	while (at < end) {
		off_t start, stop;

		if (find_data(copy, at, end, &start, &stop) < 0)
			goto out;
		if (start > at)
			account(copy, NULL, (uint64_t)(start - at));
		if (start == end && check_size(copy, end) < 0)
			goto out;
		if (copy_extent(copy, buffer, start, to + (start - from),
			(uint64_t)(stop - start)) < 0)
			goto out;
		at = stop;
	}
	result = 0;
out:
	free(buffer);
	return result;
}
