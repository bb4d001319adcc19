#include "copy.h"

#include "../fatal.h"
#include "extent_copy.h"
#include "path.h"
#include "sparse_write.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BLOCK = 256 << 10 }; /* of a FIFO */

/* The caller's own file gets the bytes, the mode and the group that it had. */
static void
open_minfs(struct staging *staging, struct recipe *recipe)
{
	const char *name;
	/* It stays open as long as the new file. */
	int dir = path_open_parent(recipe->path, &name);

	if (dir < 0)
		fatal_errno(recipe->path);
	recipe->out = new_files_open(&staging->files, dir, recipe->path, true);
	int fd = recipe->out->whole.fd;
	if (recipe->st.st_uid == geteuid() &&
	    (fchown(fd, (uid_t)-1, recipe->st.st_gid) < 0 ||
		fchmod(fd, recipe->st.st_mode & 0777) < 0))
		fatal_errno(recipe->source);
}

void
copy_prepare(struct staging *staging, struct recipe *recipe)
{
	if (recipe->image == NULL)
		open_minfs(staging, recipe);
	else
		recipe->out = new_files_open(
		    &staging->files, staging->dir, recipe->path, false);
	int in = recipe_open_source(recipe), out = recipe->out->whole.fd;
	recipe->is_there =
	    S_ISREG(recipe->st.st_mode) && ioctl(out, FICLONE, in) == 0;
	close(in);
	if (recipe->is_there) {
		recipe->done = "cloned";
		return;
	}
	recipe->digest[0] = '\0'; /* the cache's claim, until it is copied */
	if (ftruncate(out, (off_t)recipe->size) < 0)
		fatal_errno(recipe->path);
}

void
copy_run(struct staging *staging, struct recipe *recipe)
{
	const struct copy_range all = {.len = recipe->size};
	struct extent_copy copy = {.in = recipe_open_source(recipe),
	    .out = recipe_open(staging, recipe),
	    .done = &staging->done};

	if (extent_copy_ranges(&copy, &all, 1) < 0) {
		if (errno != ENODATA)
			fatal_errno(copy.failed == copy.in ? recipe->source
							   : recipe->path);
		recipe_check_source(recipe);
		fatal("%s: ends early", recipe->source);
	}
	recipe->written = copy.written;
	close(copy.in);
	close(copy.out);
}

void
copy_stream(struct staging *staging, struct recipe *recipe)
{
	struct sparse_write out = {.fd = recipe_open(staging, recipe)};
	int in = recipe_open_source(recipe);
	unsigned char buffer[BLOCK];
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) != 0) {
		uint64_t end = recipe->size + (uint64_t)n;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			fatal_errno(recipe->source);
		if (end > staging->max)
			fatal("%s: more bytes than -M allows", recipe->source);
		if (sparse_write(&out, buffer, (size_t)n, (off_t)recipe->size,
			(off_t)end) < 0)
			fatal_errno(recipe->path);
		recipe->size = end;
	}
	if (ftruncate(out.fd, (off_t)recipe->size) < 0)
		fatal_errno(recipe->path);
	recipe->written = out.written;
	recipe->finished = true;
	close(in);
	close(out.fd);
}
