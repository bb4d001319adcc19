#include "copy.h"

#include "parallel_copy.h"
#include "path.h"
#include "source.h"
#include "sparse_write.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BLOCK = 256 << 10 }; /* of a FIFO */

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
		recipe->is_there = true;
		return 0;
	}
	recipe->digest[0] = '\0'; /* the cache's claim, until it is copied */
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
explain(const struct recipe *recipe, const struct extent_copy *copy,
    struct reason *why)
{
	if (errno != ENODATA)
		return reason_errno(why, "%s",
		    copy->failed == copy->in ? recipe->source : recipe->path);
	return source_check(recipe, why) < 0
		   ? -1
		   : reason_set(why, "%s: ends early", recipe->source);
}

int
copy_run(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	const struct copy_range all = {.len = recipe->size};
	struct extent_copy copy = {.in = source_open(recipe, why),
	    .out = whole_file_take(&recipe->out->whole),
	    .cancel = &staging->cancel,
	    .done = &staging->done};
	int result = -1;

	if (copy.out < 0)
		reason_errno(why, "%s", recipe->path);
	else if (copy.in >= 0)
		result = parallel_copy(&copy, &all, 1) < 0
			     ? explain(recipe, &copy, why)
			     : 0;
	recipe->written = copy.written;
	if (copy.in >= 0)
		close(copy.in);
	if (copy.out >= 0)
		close(copy.out);
	return result;
}

/* Copies from a FIFO to its end. */
static int
pour(struct recipe *recipe, int in, struct sparse_write *out, uint64_t max,
    struct reason *why)
{
	unsigned char buffer[BLOCK];

	for (;;) {
		ssize_t n = read(in, buffer, sizeof(buffer));
		uint64_t end = recipe->size + (uint64_t)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reason_errno(why, "%s", recipe->source);
		if (n > 0 && end > max)
			return reason_set(why, "%s: more bytes than -M allows",
			    recipe->source);
		if (n == 0 ? ftruncate(out->fd, (off_t)recipe->size) < 0
			   : sparse_write(out, buffer, (size_t)n,
				 (off_t)recipe->size, (off_t)end) < 0)
			return reason_errno(why, "%s", recipe->path);
		if (n == 0)
			return 0;
		recipe->size = end;
	}
}

int
copy_stream(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	struct sparse_write out = {.fd = whole_file_take(&recipe->out->whole)};
	int in = source_open(recipe, why), result = -1;

	if (out.fd < 0)
		reason_errno(why, "%s", recipe->path);
	else if (in >= 0)
		result = pour(recipe, in, &out, staging->max, why);
	recipe->written = out.written;
	recipe->finished = true;
	if (in >= 0)
		close(in);
	if (out.fd >= 0)
		close(out.fd);
	return result;
}
