#include "parallel_copy.h"

#include "processors.h"

#include <errno.h>
#include <pthread.h>

enum { THREADS_MAX = 4 };

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
parallel_copy(
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
