#include "workers.h"

#include "../fatal.h"
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

static void *
work(void *argument)
{
	struct task task = *(struct task *)argument;
	struct workers *workers = task.workers;

	free(argument);
	if (task.recipe == NULL) {
		unpacker_finish(workers->archive);
	} else {
		making_run(workers->staging, task.recipe);
		recipe_sum(workers->staging, task.recipe);
	}
	pthread_mutex_lock(&workers->lock);
	workers->busy--;
	pthread_cond_signal(&workers->changed);
	pthread_mutex_unlock(&workers->lock);
	return NULL;
}

/* Waits until at most `busy` threads are at work, and tells people meanwhile
 * how far they are. */
static void
await(struct workers *workers, size_t busy)
{
	struct progress *progress = &workers->progress;

	pthread_mutex_lock(&workers->lock);
	while (workers->busy > busy) {
		const struct timespec due = {
		    .tv_sec = (time_t)(progress->due / 1000000000),
		    .tv_nsec = (long)(progress->due % 1000000000)};

		if (pthread_cond_timedwait(
			&workers->changed, &workers->lock, &due) == ETIMEDOUT)
			progress_tell(progress);
	}
	pthread_mutex_unlock(&workers->lock);
}

/* Starts a thread. Where no more can be had, this one does the work, but not
 * what may have to wait for somebody else. */
static void
start(struct workers *workers, struct recipe *recipe)
{
	struct task *task = malloc(sizeof(*task));
	pthread_t thread;

	if (task == NULL)
		fatal_memory();
	*task = (struct task){workers, recipe};
	pthread_mutex_lock(&workers->lock);
	workers->busy++;
	pthread_mutex_unlock(&workers->lock);
	errno = pthread_create(&thread, NULL, work, task);
	if (errno == 0)
		pthread_detach(thread);
	else if (recipe != NULL && recipe->is_file)
		work(task);
	else
		fatal_errno("thread");
}

void
workers_run(struct workers *workers)
{
	struct staging *staging = workers->staging;
	size_t most = processors(THREADS_MAX);
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&workers->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&workers->lock, NULL);
	if (most < THREADS_MIN)
		most = THREADS_MIN;
	progress_start(&workers->progress, staging);
	if (workers->archive != NULL) {
		start(workers, NULL);
		most++;
	}
	/* Those that wait for somebody else take nobody's turn. */
	for (size_t i = 0; i < staging->count; i++) {
		if (!staging->list[i].is_file &&
		    making_is_run(&staging->list[i])) {
			start(workers, &staging->list[i]);
			most++;
		}
	}
	for (size_t i = 0; i < staging->count; i++) {
		if (staging->list[i].is_file &&
		    making_is_run(&staging->list[i])) {
			await(workers, most - 1);
			start(workers, &staging->list[i]);
		}
	}
	await(workers, 0);
	progress_end(&workers->progress);
}
