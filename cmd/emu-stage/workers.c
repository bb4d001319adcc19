#include "workers.h"

#include "making.h"
#include "processors.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS_MIN = 2, THREADS_MAX = 8 };

/* What one thread does. */
struct task {
	struct workers *workers;
	struct recipe *recipe; /* NULL: the images of -x */
};

static void
fail(struct workers *workers, const struct reason *why)
{
	pthread_mutex_lock(&workers->lock);
	if (!workers->failed)
		workers->why = *why;
	workers->failed = true;
	atomic_store(&workers->staging->cancel, true);
	pthread_mutex_unlock(&workers->lock);
}

static void *
work(void *argument)
{
	struct task task = *(struct task *)argument;
	struct workers *workers = task.workers;
	struct reason why;

	free(argument);
	int r = task.recipe == NULL
		    ? unpacker_finish(workers->archive, &why)
		    : making_run(workers->staging, task.recipe, &why);
	if (r == 0 && task.recipe != NULL)
		r = recipe_sum(workers->staging, task.recipe, &why);
	if (r < 0)
		fail(workers, &why);
	pthread_mutex_lock(&workers->lock);
	workers->busy--;
	pthread_cond_signal(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

static size_t
count_busy(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	size_t busy = workers->busy;
	pthread_mutex_unlock(&workers->lock);
	return busy;
}

/* Waits until at most `busy` threads are at work, and tells people meanwhile
 * how far they are. Returns whether none has failed. */
static bool
await(struct workers *workers, size_t busy)
{
	struct progress *progress = &workers->progress;

	pthread_mutex_lock(&workers->lock);
	while (workers->busy > busy && !workers->failed) {
		const struct timespec due = {
		    .tv_sec = (time_t)(progress->due / 1000000000),
		    .tv_nsec = (long)(progress->due % 1000000000)};

		if (pthread_cond_timedwait(
			&workers->changed, &workers->lock, &due) == ETIMEDOUT)
			progress_tell(progress);
	}
	bool failed = workers->failed;
	pthread_mutex_unlock(&workers->lock);
	return !failed;
}

/* Starts a thread. Where no more can be had, this one does the work, but not
 * what may have to wait for somebody else. */
static int
start(struct workers *workers, struct recipe *recipe, struct reason *why)
{
	struct task *task = malloc(sizeof(*task));
	pthread_t thread;

	if (task == NULL)
		return reason_memory(why);
	*task = (struct task){workers, recipe};
	pthread_mutex_lock(&workers->lock);
	workers->busy++;
	pthread_mutex_unlock(&workers->lock);
	errno = pthread_create(&thread, NULL, work, task);
	if (errno == 0) {
		pthread_detach(thread);
		return 0;
	}
	if (recipe != NULL && recipe->is_file) {
		work(task);
		return 0;
	}
	free(task);
	return reason_errno(why, "thread");
}

/* In this order: what may have to wait for somebody else, then the helpers,
 * which take longest. */
enum { ALONE, HELPED, COPIED, KINDS };

static int
kind_of(const struct recipe *recipe)
{
	if (!recipe->is_file)
		return ALONE;
	return recipe->how == HOW_COPY ? COPIED : HELPED;
}

/* Starts what is of one kind; of two kinds, at most so many at a time. */
static int
start_kind(struct workers *workers, int kind, size_t most, struct reason *why)
{
	struct staging *staging = workers->staging;

	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (kind_of(recipe) != kind || !making_is_run(recipe))
			continue;
		if (kind != ALONE && !await(workers, most - 1))
			return 0;
		if (start(workers, recipe, why) < 0)
			return -1;
	}
	return 0;
}

int
workers_run(struct workers *workers, struct reason *why)
{
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&workers->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&workers->lock, NULL);
	progress_start(&workers->progress, workers->staging);
	if (workers->archive != NULL && start(workers, NULL, why) < 0)
		return -1;
	size_t most = processors(THREADS_MAX);
	if (most < THREADS_MIN)
		most = THREADS_MIN;
	for (int kind = 0; kind < KINDS; kind++) {
		/* Those that wait for somebody else take nobody's turn. */
		if (kind == HELPED)
			most += count_busy(workers);
		if (start_kind(workers, kind, most, why) < 0)
			return -1;
	}
	bool made = await(workers, 0);
	if (!made)
		*why = workers->why;
	progress_end(&workers->progress);
	return made ? 0 : -1;
}
