#include "qemu_img.h"

#include "file_io.h"
#include "magic.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the size of the disk is in a qcow2 header (docs/interop/qcow2.txt). */
enum { QCOW2_SIZE = 24 };

/* The new file has no name yet. */
static const char target[] = "/proc/self/fd/3";

/* The size is that of the disk, not of the file. */
static int
measure(struct recipe *recipe, int out, struct reason *why)
{
	struct stat st;
	uint64_t size;

	if (fstat(out, &st) < 0)
		return reason_errno(why, "%s", recipe->path);
	recipe->size = (uint64_t)st.st_size;
	recipe->written = (uint64_t)st.st_blocks * 512;
	if (recipe->how == HOW_CONVERT)
		return 0;
	if (file_read(out, &size, sizeof(size), QCOW2_SIZE) < 0)
		return reason_set(why, "%s: no overlay was made", recipe->path);
	recipe->size = be64toh(size);
	return 0;
}

static int
run(struct staging *staging, struct recipe *recipe, const char *const *argv,
    struct reason *why)
{
	int out = whole_file_take(&recipe->out->whole), result = -1;
	const struct child_plan plan = {.argv = argv,
	    .fds = {CHILD_NULL, CHILD_NULL, STDERR_FILENO, out},
	    .count = 4};
	struct child child;

	if (out < 0)
		return reason_errno(why, "%s", recipe->path);
	if (new_files_start(&staging->files, &child, &plan, why) == 0 &&
	    new_files_wait(&staging->files, &child, argv[0], why) == 0)
		result = measure(recipe, out, why);
	close(out);
	return result;
}

/* The name of what the overlay is on: the user's file, or a name beside the
 * image of the cache's entry, so that whoever removes the entry does not take
 * it from the guest. The caller frees it. */
static char *
find_base(
    struct staging *staging, const struct recipe *recipe, struct reason *why)
{
	char *real = realpath(recipe->source, NULL), *base;

	if (real == NULL) {
		reason_errno(why, "%s", recipe->source);
		return NULL;
	}
	if (recipe->cached == NULL)
		return real;
	if (asprintf(&base, "%s.base", recipe->path) < 0) {
		reason_memory(why);
		base = NULL;
	} else if (new_files_link(&staging->files, staging->dir, base, real,
		       why) == NULL) {
		free(base);
		base = NULL;
	}
	free(real);
	return base;
}

int
qemu_img_overlay(
    struct staging *staging, struct recipe *recipe, struct reason *why)
{
	char *base = find_base(staging, recipe, why);
	const char *format = recipe->format != NULL ? recipe->format : "raw";
	const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2",
	    "-b", base, "-F", format, target, NULL};

	if (base == NULL)
		return -1;
	int result = run(staging, recipe, argv, why);
	free(base);
	return result;
}

/* The format that the content tells. */
static const char *
found_format(const struct recipe *recipe)
{
	uint8_t head[MAGIC_BYTES];
	int fd = open(recipe->source, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof(head), 0);
	const struct magic *magic = n < 0 ? NULL : magic_find(head, (size_t)n);

	if (fd >= 0)
		close(fd);
	return magic != NULL && magic->class == MAGIC_DISK ? magic->format
							   : "raw";
}

int
qemu_img_convert(
    struct staging *staging, struct recipe *recipe, struct reason *why)
{
	char *source = realpath(recipe->source, NULL);
	/* It is told the format, for it would follow what it guesses. */
	const char *format =
	    recipe->format != NULL ? recipe->format : found_format(recipe);
	const char *const argv[] = {"qemu-img", "convert", "-q", "-f", format,
	    "-O", "raw", source, target, NULL};

	if (source == NULL)
		return reason_errno(why, "%s", recipe->source);
	int result = run(staging, recipe, argv, why);
	free(source);
	return result;
}
