#include "workers.h"

#include "making.h"
#include "processors.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS_MIN = 2, THREADS_MAX = 8 };

/* A thread that has one task. */
struct alone {
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
	pthread_cond_signal(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
}

static void
do_task(struct workers *workers, struct recipe *recipe)
{
	struct reason why;
	int r = recipe == NULL ? unpacker_finish(workers->archive, &why)
			       : making_run(workers->staging, recipe, &why);

	if (r == 0 && recipe != NULL)
		r = recipe_sum(workers->staging, recipe, &why);
	if (r < 0)
		fail(workers, &why);
}

static void
do_tasks(struct workers *workers)
{
	size_t i;

	while (!atomic_load(&workers->staging->cancel) &&
	       (i = atomic_fetch_add(&workers->next, 1)) < workers->count)
		do_task(workers, workers->tasks[i]);
}

static void
stop(struct workers *workers)
{
	pthread_mutex_lock(&workers->lock);
	workers->busy--;
	pthread_cond_signal(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
}

static void *
work(void *argument)
{
	do_tasks(argument);
	stop(argument);
	return NULL;
}

static void *
work_alone(void *argument)
{
	struct alone alone = *(struct alone *)argument;

	free(argument);
	do_task(alone.workers, alone.recipe);
	stop(alone.workers);
	return NULL;
}

/* Starts a thread; returns -1 with errno when that cannot be. */
static int
start(struct workers *workers, void *(*function)(void *), void *argument)
{
	pthread_t thread;

	pthread_mutex_lock(&workers->lock);
	errno = pthread_create(&thread, NULL, function, argument);
	int result = errno == 0 ? 0 : -1;
	if (result == 0) {
		workers->busy++;
		pthread_detach(thread);
	}
	pthread_mutex_unlock(&workers->lock);
	return result;
}

static int
start_alone(struct workers *workers, struct recipe *recipe, struct reason *why)
{
	struct alone *alone = malloc(sizeof(*alone));

	if (alone == NULL)
		return reason_memory(why);
	*alone = (struct alone){workers, recipe};
	if (start(workers, work_alone, alone) == 0)
		return 0;
	reason_errno(why, "thread");
	free(alone);
	return -1;
}

/* Lists what is to be done by turns: the helpers first, which take longest. */
static int
list_tasks(struct workers *workers, struct reason *why)
{
	struct staging *staging = workers->staging;

	workers->tasks = calloc(staging->count + 1, sizeof(*workers->tasks));
	if (workers->tasks == NULL)
		return reason_memory(why);
	for (int copies = 0; copies <= 1; copies++) {
		for (size_t i = 0; i < staging->count; i++) {
			struct recipe *recipe = &staging->list[i];

			if ((recipe->how == HOW_COPY) != copies ||
			    !making_is_run(recipe))
				continue;
			if (recipe->is_file)
				workers->tasks[workers->count++] = recipe;
			else if (start_alone(workers, recipe, why) < 0)
				return -1;
		}
	}
	return 0;
}

/* Where no thread can be had, this one does all. */
static void
start_threads(struct workers *workers)
{
	size_t most = processors(THREADS_MAX);

	if (most < THREADS_MIN)
		most = THREADS_MIN;
	for (size_t i = 0; i < most && i < workers->count; i++) {
		if (start(workers, work, workers) < 0) {
			do_tasks(workers);
			return;
		}
	}
}

/* Waits for the threads, and tells people meanwhile how far they are. The lock
 * is held. */
static void
await_threads(struct workers *workers)
{
	struct progress *progress = &workers->progress;

	while (workers->busy > 0 && !workers->failed) {
		const struct timespec due = {
		    .tv_sec = (time_t)(progress->due / 1000000000),
		    .tv_nsec = (long)(progress->due % 1000000000)};

		if (pthread_cond_timedwait(
			&workers->changed, &workers->lock, &due) == ETIMEDOUT)
			progress_tell(progress);
	}
	progress_end(progress);
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
	if ((workers->archive != NULL && start_alone(workers, NULL, why) < 0) ||
	    list_tasks(workers, why) < 0)
		return -1;
	start_threads(workers);
	pthread_mutex_lock(&workers->lock);
	await_threads(workers);
	bool failed = workers->failed;
	if (failed)
		*why = workers->why;
	pthread_mutex_unlock(&workers->lock);
	return failed ? -1 : 0;
}
