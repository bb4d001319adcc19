#include "progress.h"

#include "clock.h"

#include <stdio.h>
#include <unistd.h>

static const uint64_t second = 1000000000;

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
	    .done = atomic_load(&staging->done), .known = true};

	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *recipe = &staging->list[i];

		if (recipe->how == HOW_COPY && !recipe->is_there)
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

void
progress_start(struct progress *progress, const struct staging *staging)
{
	progress->staging = staging;
	progress->terminal = isatty(STDERR_FILENO);
	progress->start = clock_now();
	progress->due =
	    progress->start + (progress->terminal ? second : 30 * second);
}

void
progress_tell(struct progress *progress)
{
	progress->shown = progress->terminal;
	if (progress->terminal)
		fputs("\r\033[K", stderr);
	print_amount(progress);
	if (!progress->terminal)
		fputc('\n', stderr);
	fflush(stderr);
	progress->due += progress->terminal ? second / 5 : 30 * second;
}

void
progress_end(const struct progress *progress)
{
	if (!progress->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
}
