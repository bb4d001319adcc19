#include "crew.h"

#include "extent_copy.h"
#include "processors.h"
#include "source.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS_MAX = 8 };

/* What a thread takes at a time. */
static const uint64_t range_size = 64 << 20;

/* The ranges of all images, counted from the first one's first. */
struct crew {
	struct jobs *jobs;
	atomic_size_t next;   /* the range to take */
	atomic_bool cancel;   /* something failed: all stop */
	pthread_mutex_t lock; /* of *why */
	struct reason *why;
};

/* The reason that is kept is the first one's. */
static void
fail(struct crew *crew, const struct reason *why)
{
	pthread_mutex_lock(&crew->lock);
	if (!atomic_load(&crew->cancel))
		*crew->why = *why;
	atomic_store(&crew->cancel, true);
	pthread_mutex_unlock(&crew->lock);
}

/* Finds the job and the offset of a range. NULL: there are no more. */
static struct job *
find_range(struct jobs *jobs, size_t range, uint64_t *at)
{
	for (size_t i = 0; i < jobs->count; i++) {
		struct job *job = &jobs->list[i];
		size_t ranges =
		    (size_t)((job->size + range_size - 1) / range_size);

		if (job->out == NULL || job->how != HOW_COPIED)
			continue;
		if (range < ranges) {
			*at = range * range_size;
			return job;
		}
		range -= ranges;
	}
	return NULL;
}

static int
copy_range(struct crew *crew, struct job *job, uint64_t at, struct reason *why)
{
	struct extent_copy copy = {
	    .in = job->in, .out = job->out->fd, .cancel = &crew->cancel};
	uint64_t len = job->size - at;

	if (len > range_size)
		len = range_size;
	int r = extent_copy(&copy, (off_t)at, (off_t)at, len);
	atomic_fetch_add(&job->written, copy.written);
	if (r == 0)
		return 0;
	if (errno == ENODATA)
		return source_check(job, why) < 0
			   ? -1
			   : reason_set(why, "%s: ends early", job->source);
	return reason_errno(
	    why, "%s", copy.failed == job->in ? job->source : job->path);
}

static void *
work(void *argument)
{
	struct crew *crew = argument;
	struct reason why = {""};
	struct job *job;
	uint64_t at;

	while (!atomic_load(&crew->cancel)) {
		job = find_range(
		    crew->jobs, atomic_fetch_add(&crew->next, 1), &at);
		if (job == NULL)
			break;
		if (copy_range(crew, job, at, &why) < 0)
			fail(crew, &why);
	}
	return NULL;
}

static int
check_sources(const struct jobs *jobs, struct reason *why)
{
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];

		if (job->out != NULL && job->how == HOW_COPIED &&
		    source_check(job, why) < 0)
			return -1;
		/* The user's own file: the old or the new one after a crash.
		 */
		if (job->out != NULL && job->image == NULL &&
		    fsync(job->out->fd) < 0)
			return reason_errno(why, "%s", job->source);
	}
	return 0;
}

int
crew_copy(struct jobs *jobs, struct reason *why)
{
	struct crew crew = {.jobs = jobs, .why = why};
	pthread_t threads[THREADS_MAX];
	size_t count = 0, want = processors(THREADS_MAX);
	uint64_t at;

	pthread_mutex_init(&crew.lock, NULL);
	/* This thread is one of them: where no other can be made it does all.
	 */
	while (count + 1 < want && find_range(jobs, count + 1, &at) != NULL &&
	       pthread_create(&threads[count], NULL, work, &crew) == 0)
		count++;
	work(&crew);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&crew.lock);
	return atomic_load(&crew.cancel) ? -1 : check_sources(jobs, why);
}
