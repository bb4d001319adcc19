#include "plan.h"

#include "../fatal.h"
#include "../memory.h"
#include "extent_copy.h"
#include "file_io.h"
#include "shift.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool
plan_make(
    struct plan *plan, int fd, const char *name, uint64_t size, uint64_t length)
{
	struct reason why;

	*plan = (struct plan){.name = name,
	    .size = size,
	    .length = length,
	    .grow = size < length};
	plan->state = volume_read(fd, size, &plan->volume, &plan->kind, &why);
	if (plan->state == VOLUME_SOUND) {
		if (!plan->grow || growth_plan(&plan->volume.geometry, length,
				       &plan->grown, &why) == 0)
			return true;
		plan->state = VOLUME_BROKEN;
	}
	reason_set(&plan->why, "%s: %s", name, why.text);
	return !plan->grow;
}

void
plan_free(struct plan *plan)
{
	volume_free(&plan->volume);
}

/* Writes one copy of the metadata: what ends it in zeros is a hole. */
static int
write_copy(int fd, const struct fvm_metadata *m, uint64_t at)
{
	size_t used = m->used;

	while (used > 0 && m->bytes[used - 1] == 0)
		used--;
	if (file_punch(fd, at + used, at + m->size) < 0)
		return -1;
	return file_write(fd, m->bytes, used, at);
}

/* Writes both copies, B first: as long as the metadata keeps its size, one copy
 * is whole at every instant. */
static void
write_metadata(const struct plan *plan, int fd, const char *name)
{
	struct fvm_metadata m = fvm_metadata_grow(
	    plan->volume.metadata, &plan->volume.geometry, &plan->grown);

	memory_got(m.bytes);
	if (write_copy(fd, &m, m.size) < 0 || write_copy(fd, &m, 0) < 0)
		fatal_errno(name);
	free(m.bytes);
}

/* Lets the new file share the blocks of all ranges. Returns 0, 1 when these
 * files cannot share, or -1. */
static int
clone_ranges(int from, int to, const struct copy_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct file_clone_range range = {
		    .src_fd = from,
		    .src_offset = ranges[i].from,
		    .src_length = ranges[i].len,
		    .dest_offset = ranges[i].to,
		};

		if (ioctl(to, FICLONERANGE, &range) == 0)
			continue;
		if (errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL ||
		    errno == EXDEV || errno == ENOSYS || errno == EPERM)
			return 1;
		return -1;
	}
	return 0;
}

/* Where the runs are and where they go. The caller frees the list. */
static struct copy_range *
list_ranges(const struct plan *plan, size_t *count)
{
	const struct volume *v = &plan->volume;
	/* Between two runs is at least one slice, and each has an entry in the
	 * table, which is in memory. */
	struct copy_range *list =
	    memory_got(calloc((size_t)(v->last / 2 + 1), sizeof(*list)));

	*count = 0;
	for (uint64_t slice = 1; slice <= v->last;) {
		struct fvm_run run =
		    fvm_run_after(v->metadata, v->geometry.slices, slice);

		list[(*count)++] =
		    (struct copy_range){geometry_slice(&v->geometry, run.first),
			geometry_slice(&plan->grown, run.first),
			run.count * v->geometry.slice_size};
		slice = run.first + run.count;
	}
	return list;
}

static int
carry(struct plan *plan, struct extent_copy *copy)
{
	size_t count;
	struct copy_range *ranges = list_ranges(plan, &count);
	int result = clone_ranges(copy->in, copy->out, ranges, count);

	copy->failed = copy->out;
	plan->way = result == 0 ? MOVE_CLONE : MOVE_COPY;
	if (result > 0)
		result = extent_copy_ranges(copy, ranges, count);
	free(ranges);
	plan->bytes += copy->written;
	return result;
}

void
plan_copy(struct plan *plan, int from, int to, const char *to_name)
{
	struct extent_copy copy = {.in = from, .out = to};

	if (ftruncate(to, (off_t)plan->length) < 0)
		fatal_errno(to_name);
	if (plan->volume.allocated > 0 && carry(plan, &copy) < 0)
		fatal_errno(copy.failed == from ? plan->name : to_name);
	write_metadata(plan, to, to_name);
}

/* Moves the runs, the last first, each into the place that the ones behind it
 * have left; what is between them is emptied. */
static int
shift_runs(struct plan *plan, int fd)
{
	size_t count;
	struct copy_range *ranges = list_ranges(plan, &count);
	uint64_t first = geometry_slice(&plan->grown, 1);
	int result = 0;

	while (count > 0 && result == 0) {
		const struct copy_range *r = &ranges[--count];

		if (r->to != r->from) {
			plan->way = MOVE_SHIFT;
			result = shift_backwards(fd, r->from, r->from + r->len,
			    r->to - r->from, &plan->bytes);
		}
		if (result == 0)
			result = file_punch(fd,
			    count > 0 ? r[-1].to + r[-1].len : first, r->to);
	}
	free(ranges);
	return result;
}

void
plan_apply(struct plan *plan, int fd)
{
	uint64_t end = volume_end(&plan->volume);

	/* What is behind the last slice goes. */
	if ((plan->size > end && ftruncate(fd, (off_t)end) < 0) ||
	    shift_runs(plan, fd) < 0 || ftruncate(fd, (off_t)plan->length) < 0)
		fatal_errno(plan->name);
	write_metadata(plan, fd, plan->name);
}
