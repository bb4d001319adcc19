#include "copy.h"

#include "extent_copy.h"
#include "path.h"
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What a thread takes at a time. */
static const uint64_t range_size = 64 << 20;

/* The caller's own file gets the bytes, the mode and the group that it had. */
static int
open_minfs(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	char *directory = path_directory(recipe->path);

	if (directory == NULL)
		return reason_memory(why);
	/* It stays open as long as the new file. */
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		reason_errno(why, "%s", directory);
	else
		recipe->out = new_files_open(
		    &staging->files, dir, recipe->path, true, why);
	free(directory);
	if (recipe->out == NULL)
		return -1;
	int fd = recipe->out->whole.fd;
	if (recipe->st.st_uid == geteuid() &&
	    (fchown(fd, (uid_t)-1, recipe->st.st_gid) < 0 ||
		fchmod(fd, recipe->st.st_mode & 0777) < 0))
		return reason_errno(why, "%s", recipe->source);
	return 0;
}

static bool
is_digested(const struct recipe *recipe)
{
	return recipe->cached != NULL;
}

static int
clone_or_size(struct recipe *recipe, struct reason *why)
{
	int in = source_open(recipe, why), out = recipe->out->whole.fd;

	if (in < 0)
		return -1;
	bool cloned =
	    S_ISREG(recipe->st.st_mode) && ioctl(out, FICLONE, in) == 0;
	close(in);
	if (cloned) {
		recipe->done = "cloned";
		return 0;
	}
	recipe->ranges =
	    is_digested(recipe)
		? 1
		: (size_t)((recipe->size + range_size - 1) / range_size);
	return ftruncate(out, (off_t)recipe->size) < 0
		   ? reason_errno(why, "%s", recipe->path)
		   : 0;
}

int
copy_prepare(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	if (recipe->image == NULL) {
		if (open_minfs(staging, recipe, why) < 0)
			return -1;
	} else {
		recipe->out = new_files_open(
		    &staging->files, staging->dir, recipe->path, false, why);
		if (recipe->out == NULL)
			return -1;
	}
	return clone_or_size(recipe, why);
}

static int
copy(struct recipe *recipe, struct extent_copy *copy, uint64_t at, uint64_t len,
    struct reason *why)
{
	int result = extent_copy(copy, (off_t)at, (off_t)at, len);

	atomic_fetch_add(&recipe->written, copy->written);
	if (result == 0)
		return 0;
	if (errno == ENODATA)
		return source_check(recipe, why) < 0
			   ? -1
			   : reason_set(why, "%s: ends early", recipe->source);
	return reason_errno(why, "%s",
	    copy->failed == copy->in ? recipe->source : recipe->path);
}

int
copy_range(struct recipe *recipe, size_t range, const atomic_bool *cancel,
    _Atomic uint64_t *done, struct reason *why)
{
	uint64_t at = range * range_size, len = recipe->size - at;
	struct digest digest;
	struct extent_copy job = {.in = source_open(recipe, why),
	    .out = whole_file_take(&recipe->out->whole),
	    .see = is_digested(recipe) ? digest_add : NULL,
	    .context = &digest,
	    .cancel = cancel,
	    .done = done};
	int result = -1;

	digest_start(&digest);
	if (len > range_size && !is_digested(recipe))
		len = range_size;
	if (job.out < 0)
		reason_errno(why, "%s", recipe->path);
	else if (job.in >= 0)
		result = copy(recipe, &job, at, len, why);
	if (result == 0 && is_digested(recipe))
		digest_end_text(&digest, recipe->digest);
	if (job.in >= 0)
		close(job.in);
	if (job.out >= 0)
		close(job.out);
	return result;
}
