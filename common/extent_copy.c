#include "extent_copy.h"

#include "file_io.h"
#include "sparse_write.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Larger ones fall out of the processor's cache. */
enum { BLOCK = 1 << 20 };

static int
fail(struct extent_copy *copy, int fd)
{
	copy->failed = fd;
	return -1;
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
	struct sparse_write out = {.fd = copy->out};
	off_t limit = to + (off_t)len;

	while (to < limit) {
		size_t n = limit - to < BLOCK ? (size_t)(limit - to) : BLOCK;

		if (file_read(copy->in, buffer, n, (uint64_t)from) < 0)
			return fail(copy, copy->in);
		out.written = 0;
		int r =
		    out.fd < 0 ? 0 : sparse_write(&out, buffer, n, to, limit);
		copy->written += out.written;
		if (r < 0)
			return fail(copy, copy->out);
		account(copy, buffer, n);
		from += (off_t)n;
		to += (off_t)n;
	}
	return 0;
}

int
extent_find(int fd, off_t at, off_t end, off_t *start, off_t *stop)
{
	*start = lseek(fd, at, SEEK_DATA);
	*stop = end;
	if (*start < 0 && errno == ENXIO)
		*start = end;
	else if (*start < 0 && (errno == EINVAL || errno == EOPNOTSUPP))
		*start = at;
	else if (*start >= 0 && *start < end)
		*stop = lseek(fd, *start, SEEK_HOLE);
	if (*start < 0 || *stop < 0)
		return -1;
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
	unsigned char *buffer = aligned_alloc(4096, BLOCK);
	off_t at = from, end = from + (off_t)len;
	int result = -1;

	copy->failed = copy->in;
	if (buffer == NULL)
		return -1;
	while (at < end) {
		off_t start, stop;

		if (extent_find(copy->in, at, end, &start, &stop) < 0)
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
