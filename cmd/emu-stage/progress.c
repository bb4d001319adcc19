#include "progress.h"

#include "clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
	TERMINAL_FIRST = 1000, /* milliseconds */
	TERMINAL_NEXT = 200,
	OTHER = 30000,
};

struct amount {
	uint64_t done, total;
	bool known; /* total is the whole */
};

/* Adds how far the source of a recipe has been read; emu-unpack reads through
 * the same open file. */
static void
add_reading(struct amount *amount, const struct recipe *recipe)
{
	int fd = recipe->reading;
	off_t at = fd < 0 ? 0 : lseek(fd, 0, SEEK_CUR);

	if (!S_ISREG(recipe->st.st_mode) || at < 0) {
		amount->known = false;
		return;
	}
	if (recipe->finished || at > recipe->st.st_size)
		at = recipe->st.st_size;
	amount->done += (uint64_t)at;
	amount->total += (uint64_t)recipe->st.st_size;
}

static struct amount
measure(struct progress *progress)
{
	const struct staging *staging = progress->staging;
	struct amount amount = {
	    .done = atomic_load(&progress->done), .known = true};

	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *recipe = &staging->list[i];

		if (recipe->ranges > 0)
			amount.total += recipe->size;
		else if (recipe->is_read)
			add_reading(&amount, recipe);
	}
	return amount;
}

static void
print_amount(struct progress *progress)
{
	struct amount amount = measure(progress);
	double seconds = (double)(clock_now() - progress->start) / 1e9;
	double mib = (double)amount.done / (1 << 20);
	double rate = mib / seconds;

	if (!amount.known || amount.total < amount.done || rate <= 0) {
		fprintf(stderr, "emu-stage: %.0f MiB in %.0f s", mib, seconds);
		return;
	}
	double whole = (double)amount.total / (1 << 20);
	fprintf(stderr, "emu-stage: %.0f of %.0f MiB, %.0f MiB/s, %.0f s left",
	    mib, whole, rate, (whole - mib) / rate);
}

/* Waits for so long or for the end. Returns whether it is the end. */
static bool
pause_for(struct progress *progress, long milliseconds)
{
	struct timespec until;
	int r = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&progress->lock);
	while (!progress->stop && r == 0)
		r = pthread_cond_timedwait(
		    &progress->changed, &progress->lock, &until);
	bool stop = progress->stop;
	pthread_mutex_unlock(&progress->lock);
	return stop;
}

static void *
tell(void *argument)
{
	struct progress *progress = argument;
	bool terminal = isatty(STDERR_FILENO), shown = false;
	long wait = terminal ? TERMINAL_FIRST : OTHER;

	while (!pause_for(progress, wait)) {
		if (terminal)
			fputs("\r\033[K", stderr);
		print_amount(progress);
		if (!terminal)
			fputc('\n', stderr);
		fflush(stderr);
		wait = terminal ? TERMINAL_NEXT : OTHER;
		shown = terminal;
	}
	if (shown)
		fputs("\r\033[K", stderr);
	return NULL;
}

void
progress_start(struct progress *progress, const struct staging *staging)
{
	pthread_condattr_t attributes;

	progress->staging = staging;
	progress->start = clock_now();
	pthread_mutex_init(&progress->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&progress->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	progress->running =
	    pthread_create(&progress->thread, NULL, tell, progress) == 0;
}

void
progress_stop(struct progress *progress)
{
	if (!progress->running)
		return;
	pthread_mutex_lock(&progress->lock);
	progress->stop = true;
	pthread_cond_signal(&progress->changed);
	pthread_mutex_unlock(&progress->lock);
	pthread_join(progress->thread, NULL);
	progress->running = false;
}
