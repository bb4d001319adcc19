#include "making.h"

#include "../fatal.h"
#include "../memory.h"
#include "copy.h"
#include "processors.h"
#include "qemu_img.h"
#include "unsparse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static void
open_out(struct staging *staging, struct recipe *recipe)
{
	recipe->out =
	    new_files_open(&staging->files, staging->dir, recipe->path, false);
}

static void
expect_out(struct staging *staging, struct recipe *recipe)
{
	recipe->out =
	    new_files_expect(&staging->files, staging->dir, recipe->path);
}

static void
link_source(struct staging *staging, struct recipe *recipe)
{
	char *source = realpath(recipe->source, NULL);

	if (source == NULL)
		fatal_errno(recipe->source);
	recipe->out =
	    new_files_link(&staging->files, staging->dir, recipe->path, source);
	free(source);
}

enum { THREADS_MIN = 2, THREADS_MAX = 8 };

/* How each is made. */
static const struct maker {
	const char *done; /* what -v says */
	void (*prepare)(struct staging *, struct recipe *);
	void (*run)(struct staging *, struct recipe *);
} makers[] = {
    [HOW_COPY] = {"copied", copy_prepare, copy_run},
    [HOW_LINK] = {"linked", link_source, NULL},
    [HOW_STREAM] = {"copied", open_out, copy_stream},
    [HOW_EXTRACT] = {"extracted", expect_out, unpacker_run},
    [HOW_DECOMPRESS] = {"decompressed", expect_out, unpacker_run},
    [HOW_OVERLAY] = {"overlaid", open_out, qemu_img_overlay},
    [HOW_CONVERT] = {"converted", open_out, qemu_img_convert},
    [HOW_UNSPARSE] = {"unsparsed", open_out, unsparse_run},
    [HOW_KEEP] = {NULL, NULL, NULL},
};

/* What copying will take, by what the sources take. */
static void
check_room(const struct staging *staging)
{
	uint64_t need = 0;
	struct statvfs fs;

	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *recipe = &staging->list[i];
		uint64_t blocks = (uint64_t)recipe->st.st_blocks * 512;

		if (recipe->image == NULL || recipe->how != HOW_COPY ||
		    recipe->is_there)
			continue;
		need += blocks < recipe->size ? blocks : recipe->size;
	}
	if (fstatvfs(staging->dir, &fs) < 0)
		fatal_errno(staging->directory);
	uint64_t room =
	    (geteuid() == 0 ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
	/* Some file systems have no number to give. */
	if (need > room && fs.f_blocks != 0)
		fatal("%s: No space left on device: the images need %" PRIu64
		      " MiB, %" PRIu64 " are free",
		    staging->directory, (need >> 20) + 1, room >> 20);
}

/* Whether there are more images than files that may be open at a time. */
static bool
has_many(const struct staging *staging)
{
	enum { OTHERS = 128 };
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       staging->count + OTHERS > limit.rlim_cur;
}

/* Whether the source is read in order, and not for one before. */
static bool
is_first_read(const struct staging *staging, const struct recipe *recipe)
{
	if (makers[recipe->how].run != unpacker_run &&
	    recipe->how != HOW_UNSPARSE && recipe->how != HOW_STREAM)
		return false;
	for (const struct recipe *r = staging->list; r < recipe; r++) {
		if (unpacker_same(r, recipe))
			return false;
	}
	return true;
}

void
making_prepare(struct staging *staging)
{
	bool park = has_many(staging);

	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];
		const struct maker *maker = &makers[recipe->how];

		recipe->done = maker->done;
		recipe->is_read = is_first_read(staging, recipe);
		if (maker->prepare != NULL)
			maker->prepare(staging, recipe);
		if (park && recipe->out != NULL && recipe->out->whole.fd >= 0)
			new_files_park(&staging->files, recipe->out);
	}
	check_room(staging);
}

/* Whether making the image is work of its own: not if it was cloned, or comes
 * out of emu-unpack together with another one. */
static bool
is_work(const struct recipe *recipe)
{
	const struct maker *maker = &makers[recipe->how];

	if (maker->run == unpacker_run)
		return recipe->is_read && recipe->source != NULL;
	return maker->run != NULL && !recipe->is_there;
}

/* What one thread does. */
struct task {
	struct making *making;
	struct recipe *recipe; /* NULL: the images of -x */
};

static void *
work(void *argument)
{
	struct task task = *(struct task *)argument;
	struct making *making = task.making;

	free(argument);
	if (task.recipe == NULL) {
		unpacker_finish(making->archive);
	} else {
		makers[task.recipe->how].run(making->staging, task.recipe);
		recipe_sum(making->staging, task.recipe);
	}
	pthread_mutex_lock(&making->lock);
	making->busy--;
	pthread_cond_signal(&making->changed);
	pthread_mutex_unlock(&making->lock);
	return NULL;
}

/* Waits until at most `busy` threads are at work, and tells people meanwhile
 * how far they are. */
static void
await(struct making *making, size_t busy)
{
	struct progress *progress = &making->progress;

	pthread_mutex_lock(&making->lock);
	while (making->busy > busy) {
		const struct timespec due = {
		    .tv_sec = (time_t)(progress->due / 1000000000),
		    .tv_nsec = (long)(progress->due % 1000000000)};

		if (pthread_cond_timedwait(
			&making->changed, &making->lock, &due) == ETIMEDOUT)
			progress_tell(progress);
	}
	pthread_mutex_unlock(&making->lock);
}

/* Starts a thread. Where no more can be had, this one does the work, but not
 * what may have to wait for somebody else. */
static void
start(struct making *making, struct recipe *recipe)
{
	struct task *task = memory_got(malloc(sizeof(*task)));
	pthread_t thread;

	*task = (struct task){making, recipe};
	pthread_mutex_lock(&making->lock);
	making->busy++;
	pthread_mutex_unlock(&making->lock);
	errno = pthread_create(&thread, NULL, work, task);
	if (errno == 0)
		pthread_detach(thread);
	else if (recipe != NULL && recipe->is_file)
		work(task);
	else
		fatal_errno("thread");
}

void
making_run(struct making *making)
{
	struct staging *staging = making->staging;
	size_t most = processors(THREADS_MAX);
	pthread_condattr_t monotonic;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&making->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	pthread_mutex_init(&making->lock, NULL);
	if (most < THREADS_MIN)
		most = THREADS_MIN;
	progress_start(&making->progress, staging);
	if (making->archive != NULL) {
		start(making, NULL);
		most++;
	}
	/* Those that wait for somebody else come first, and take nobody's turn.
	 */
	for (size_t i = 0; i < 2 * staging->count; i++) {
		struct recipe *recipe = &staging->list[i % staging->count];
		bool waits = i < staging->count;

		if (recipe->is_file == waits || !is_work(recipe))
			continue;
		if (waits)
			most++;
		else
			await(making, most - 1);
		start(making, recipe);
	}
	await(making, 0);
	progress_end(&making->progress);
}

void
making_overlays(struct staging *staging)
{
	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (!recipe->overlay_later || recipe->cached == NULL)
			continue;
		new_files_drop(&staging->files, recipe->out);
		recipe->how = HOW_OVERLAY;
		recipe->done = makers[HOW_OVERLAY].done;
		recipe->source = recipe->cached;
		open_out(staging, recipe);
		makers[HOW_OVERLAY].run(staging, recipe);
	}
}
