#include "qemu_img.h"

#include "../fatal.h"
#include "../memory.h"
#include "disk_file.h"
#include "exchange.h"
#include "file_io.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* In qcow2 (docs/interop/qcow2.txt). */
enum {
	QCOW2_SIZE = 24,   /* where the header has the size of the disk */
	QCOW2_PATH = 1023, /* bytes, of a backing file's path at most */
};

enum { SAID = 65536 }; /* bytes of messages at most */

/* The new file has no name yet. */
static const char target[] = "/proc/self/fd/3";

/* The size is that of the disk, not of the file. */
static void
measure(struct recipe *recipe, int out)
{
	struct stat st;
	uint64_t size;

	if (fstat(out, &st) < 0)
		fatal_errno(recipe->path);
	recipe->size = (uint64_t)st.st_size;
	recipe->written = (uint64_t)st.st_blocks * 512;
	if (recipe->how == HOW_CONVERT)
		return;
	if (file_read(out, &size, sizeof(size), QCOW2_SIZE) < 0)
		fatal("%s: no overlay was made", recipe->path);
	recipe->size = be64toh(size);
}

/* Ends the program with the first line of what qemu-img said, which calls the
 * new file by the name that it was given. */
static _Noreturn void
refuse(const struct recipe *recipe, char *said, int status)
{
	static const char name[] = "qemu-img: ";
	char *line = said == NULL ? NULL : strstr(said, name);

	if (WIFSIGNALED(status))
		fatal("%s: qemu-img: killed by signal %d", recipe->source,
		    WTERMSIG(status));
	if (line == NULL)
		fatal("%s: qemu-img: failed", recipe->source);
	line += strlen(name);
	if (strncmp(line, target, strlen(target)) == 0)
		line += strlen(target) + strlen(": ");
	line[strcspn(line, "\n")] = '\0';
	fatal("%s: qemu-img: %s", recipe->source, line);
}

static void
run(struct staging *staging, struct recipe *recipe, const char *const *argv)
{
	int out = recipe_open(staging, recipe);
	const struct child_plan plan = {.argv = argv,
	    .fds = {CHILD_NULL, CHILD_NULL, CHILD_WRITES, out},
	    .count = 4};
	struct exchange said = {
	    .first = UINT64_MAX / 2, .rest = UINT64_MAX / 2, .most = SAID};
	struct child child;

	new_files_start(&staging->files, &child, &plan);
	if (exchange_run(&said, &child) == EXCHANGE_FAILED)
		fatal_errno(argv[0]);
	int status = new_files_end(&staging->files, &child);
	if (status != 0)
		refuse(recipe, said.err, status);
	free(said.out);
	free(said.err);
	measure(recipe, out);
	close(out);
}

static char *
real_path(const struct recipe *recipe)
{
	char *real = realpath(recipe->source, NULL);

	if (real == NULL)
		fatal_errno(recipe->source);
	return real;
}

void
qemu_img_overlay(struct staging *staging, struct recipe *recipe)
{
	char *base = real_path(recipe), *entry = base;
	const char *format = recipe->format != NULL ? recipe->format : "raw";

	/* A name beside the image for the cache's entry, so that whoever
	 * removes the entry does not take it from the guest. */
	if (recipe->cached != NULL) {
		base = memory_format("%s.base", recipe->path);
		new_files_link(&staging->files, staging->dir, base, entry);
		free(entry);
	}
	if (strlen(base) > QCOW2_PATH)
		fatal("%s: the path of its file has more than the %d bytes of "
		      "an overlay's",
		    recipe->image->id, QCOW2_PATH);
	const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2",
	    "-b", base, "-F", format, target, NULL};
	run(staging, recipe, argv);
	free(base);
}

void
qemu_img_convert(struct staging *staging, struct recipe *recipe)
{
	char *source = real_path(recipe);
	struct disk_file file = {
	    .path = source, .name = recipe->source, .format = recipe->format};
	struct reason why;

	/* It is told the format, for it would follow what it guesses. */
	fatal_if(disk_file_look(&file, &why) < 0, &why);
	const char *const argv[] = {"qemu-img", "convert", "-q", "-f",
	    file.format, "-O", "raw", source, target, NULL};

	run(staging, recipe, argv);
	free(source);
}
