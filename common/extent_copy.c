#include "extent_copy.h"

#include "file_io.h"
#include "processors.h"
#include "sparse_write.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/* Larger ones fall out of the processor's cache. */
enum { BLOCK = 1 << 20, THREADS_MAX = 4 };

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

/* What a thread takes at a time. */
static const uint64_t piece_size = 64 << 20;

/* What the threads share. */
struct work {
	struct extent_copy *copy;
	const struct copy_range *ranges;
	size_t count;
	pthread_mutex_t lock; /* for all below, and copy's results */
	size_t next;          /* the range being given out */
	uint64_t given;       /* bytes of it that are */
	int error;            /* of the first failure, or 0 */
};

/* Gives out the next piece; an empty one at the end. */
static struct copy_range
take(struct work *work)
{
	struct copy_range piece = {0};

	pthread_mutex_lock(&work->lock);
	while (work->next < work->count &&
	       work->given == work->ranges[work->next].len) {
		work->next++;
		work->given = 0;
	}
	if (work->next < work->count && work->error == 0) {
		piece = work->ranges[work->next];
		piece.from += work->given;
		piece.to += work->given;
		piece.len -= work->given;
		if (piece.len > piece_size)
			piece.len = piece_size;
		work->given += piece.len;
	}
	pthread_mutex_unlock(&work->lock);
	return piece;
}

static void *
copy_pieces(void *argument)
{
	struct work *work = argument;
	struct extent_copy own = *work->copy;
	struct copy_range piece;
	int result = 0;

	own.written = 0;
	while (result == 0 && (piece = take(work)).len > 0)
		result = extent_copy(
		    &own, (off_t)piece.from, (off_t)piece.to, piece.len);
	int error = errno;
	pthread_mutex_lock(&work->lock);
	work->copy->written += own.written;
	if (result < 0 && work->error == 0) {
		work->error = error;
		work->copy->failed = own.failed;
	}
	pthread_mutex_unlock(&work->lock);
	return NULL;
}

int
extent_copy_ranges(
    struct extent_copy *copy, const struct copy_range *ranges, size_t count)
{
	struct work work = {.copy = copy,
	    .ranges = ranges,
	    .count = count,
	    .lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[THREADS_MAX];
	size_t most = processors(THREADS_MAX), started = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += ranges[i].len;
	/* This thread is one of them, and does it all where it is alone. */
	while (started + 1 < most && started < sum / piece_size &&
	       pthread_create(&threads[started], NULL, copy_pieces, &work) == 0)
		started++;
	copy_pieces(&work);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&work.lock);
	errno = work.error;
	return work.error == 0 ? 0 : -1;
}
