#include "crew.h"

#include "extent_copy.h"
#include "overlay.h"
#include "processors.h"
#include "source.h"
#include "sum.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { COPIERS_MAX = 8 };

/* What a copying thread takes at a time. */
static const uint64_t range_size = 64 << 20;

/* A thread that has one job. */
struct member {
	struct crew *crew;
	struct job *job;
};

static void
fail(struct crew *crew, const struct reason *why)
{
	pthread_mutex_lock(&crew->lock);
	if (!crew->failed)
		crew->why = *why;
	crew->failed = true;
	atomic_store(&crew->cancel, true);
	pthread_mutex_unlock(&crew->lock);
}

static void
leave(struct crew *crew)
{
	pthread_mutex_lock(&crew->lock);
	crew->busy--;
	pthread_cond_signal(&crew->changed);
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
	struct sum sum = {.at = at};
	struct extent_copy copy = {.in = job->in,
	    .out = job->out->whole.fd,
	    .see = job->cached != NULL ? sum_add : NULL,
	    .context = &sum,
	    .cancel = &crew->cancel,
	    .done = &crew->progress.done};
	uint64_t len = job->size - at;

	if (len > range_size)
		len = range_size;
	int r = extent_copy(&copy, (off_t)at, (off_t)at, len);
	atomic_fetch_add(&job->written, copy.written);
	atomic_fetch_add(&job->seen, sum.value);
	if (r == 0)
		return 0;
	if (errno == ENODATA)
		return source_check(job, why) < 0
			   ? -1
			   : reason_set(why, "%s: ends early", job->source);
	return reason_errno(
	    why, "%s", copy.failed == job->in ? job->source : job->path);
}

static void
copy_ranges(struct crew *crew)
{
	struct reason why;
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
}

static void *
copier(void *argument)
{
	copy_ranges(argument);
	leave(argument);
	return NULL;
}

/* Runs the child that makes this job's image. job NULL: those of -x. */
static int
run_child(struct crew *crew, struct job *job, struct reason *why)
{
	struct unpacker unpacker = {.files = crew->files,
	    .directory = crew->jobs->directory,
	    .max = crew->max};

	if (job == NULL)
		return unpacker_finish(crew->archive, crew->jobs, why);
	if (job->how == HOW_OVERLAID || job->how == HOW_CONVERTED)
		return overlay_run(job, crew->files, why);
	return unpacker_run(&unpacker, crew->jobs, job, why);
}

static void *
attendant(void *argument)
{
	struct member member = *(struct member *)argument;
	struct reason why;

	free(argument);
	if (run_child(member.crew, member.job, &why) < 0)
		fail(member.crew, &why);
	leave(member.crew);
	return NULL;
}

/* Starts a thread; returns -1 when that cannot be. */
static int
hire(struct crew *crew, void *(*work)(void *), void *argument)
{
	pthread_t thread;

	pthread_mutex_lock(&crew->lock);
	errno = pthread_create(&thread, NULL, work, argument);
	int result = errno == 0 ? 0 : -1;
	if (result == 0) {
		crew->busy++;
		pthread_detach(thread);
	}
	pthread_mutex_unlock(&crew->lock);
	return result;
}

static int
hire_attendant(struct crew *crew, struct job *job, struct reason *why)
{
	struct member *member = malloc(sizeof(*member));

	if (member == NULL)
		return reason_memory(why);
	*member = (struct member){crew, job};
	if (hire(crew, attendant, member) == 0)
		return 0;
	reason_errno(why, "thread");
	free(member);
	return -1;
}

static int
hire_all(struct crew *crew, struct reason *why)
{
	size_t copiers = processors(COPIERS_MAX);
	uint64_t at;

	if (crew->archive != NULL && !unpacker_is_wanted(crew->jobs))
		unpacker_dismiss(crew->archive);
	else if (crew->archive != NULL && hire_attendant(crew, NULL, why) < 0)
		return -1;
	for (size_t i = 0; i < crew->jobs->count; i++) {
		struct job *job = &crew->jobs->list[i];
		bool child =
		    job->how == HOW_OVERLAID || job->how == HOW_CONVERTED ||
		    (unpacker_leads(crew->jobs, job) && job->source != NULL);

		if (child && hire_attendant(crew, job, why) < 0)
			return -1;
	}
	/* This thread is a copier too: where no other can be had it does all.
	 */
	for (size_t i = 1; i < copiers; i++) {
		if (find_range(crew->jobs, i, &at) == NULL ||
		    hire(crew, copier, crew) < 0)
			break;
	}
	return 0;
}

/* What is to be checked when all has been made. */
static int
check(const struct crew *crew, struct reason *why)
{
	for (size_t i = 0; i < crew->jobs->count; i++) {
		const struct job *job = &crew->jobs->list[i];

		if (job->out == NULL)
			continue;
		if (job->how == HOW_COPIED && source_check(job, why) < 0)
			return -1;
		if (job->how != HOW_OVERLAID &&
		    job_check(job, crew->max, why) < 0)
			return -1;
		/* The user's own file: the old or the new one after a crash.
		 */
		if (job->image == NULL && fsync(job->out->whole.fd) < 0)
			return reason_errno(why, "%s", job->source);
	}
	return 0;
}

int
crew_run(struct crew *crew, struct reason *why)
{
	pthread_mutex_init(&crew->lock, NULL);
	pthread_cond_init(&crew->changed, NULL);
	progress_start(&crew->progress, crew->jobs,
	    crew->archive == NULL ? -1 : crew->archive->in);
	if (hire_all(crew, why) < 0)
		return -1;
	copy_ranges(crew);
	pthread_mutex_lock(&crew->lock);
	while (crew->busy > 0 && !crew->failed)
		pthread_cond_wait(&crew->changed, &crew->lock);
	bool failed = crew->failed;
	if (failed)
		*why = crew->why;
	pthread_mutex_unlock(&crew->lock);
	progress_stop(&crew->progress);
	return failed ? -1 : check(crew, why);
}
