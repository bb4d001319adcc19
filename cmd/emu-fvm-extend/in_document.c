#include "in_document.h"

#include "../fatal.h"
#include "child.h"
#include "clock.h"
#include "digest.h"
#include "disk.h"
#include "document.h"
#include "duration.h"
#include "extent_copy.h"
#include "field.h"
#include "flavor.h"
#include "image.h"
#include "path.h"
#include "plan.h"
#include "report.h"
#include "stdio_guard.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* For the document's fvm_tool, in nanoseconds. */
static const uint64_t tool_time = 300000000000;

/* Grows the disk natively: our own copy in place, another one into a copy. */
static void
grow(struct disk *disk, struct plan *plan)
{
	if (disk->own) {
		plan_apply(plan, disk->fd);
		return;
	}
	disk_begin(disk);
	plan_copy(plan, disk->fd, disk->copy.fd, disk->path);
	disk_finish(disk);
}

/* Copies the whole image, made longer by zeros. */
static void
copy_whole(struct disk *disk, uint64_t length)
{
	disk_begin(disk);
	struct extent_copy copy = {.in = disk->fd, .out = disk->copy.fd};
	if (ftruncate(disk->copy.fd, (off_t)length) < 0)
		fatal_errno(disk->path);
	if (extent_copy(&copy, 0, 0, (uint64_t)disk->st.st_size) < 0)
		fatal_errno(copy.failed == disk->fd ? disk->name : disk->path);
	disk_finish(disk);
}

static bool
is_fxfs(const struct magic *kind)
{
	return kind != NULL && kind->format != NULL &&
	       strcmp(kind->format, "fxfs") == 0;
}

/* Deals with what is no FVM, or none that can be grown. Returns whether it has
 * been grown all the same; else the image is used as it is. */
static bool
other(const struct options *options, struct disk *disk, const struct plan *plan)
{
	bool fxfs = is_fxfs(plan->kind);

	fatal_if(plan->state != VOLUME_OTHER ||
		     (!fxfs &&
			 (options->length_given ||
			     (plan->kind != NULL && plan->kind->hint != NULL))),
	    &plan->why);
	if (!fxfs)
		warnx("%s: left as it is", plan->why.text);
	else if (!options->dry && !disk->own)
		copy_whole(disk, plan->length);
	else if (!options->dry && ftruncate(disk->fd, (off_t)plan->length) < 0)
		fatal_errno(disk->name);
	return fxfs;
}

static void
report(const struct options *options, const struct plan *plan)
{
	if (options->dry)
		report_plan(stdout, plan, false, options->json);
	else if (options->verbose)
		report_plan(stderr, plan, true, options->json);
}

/* An Fxfs image that is larger than the disk is to be gets a tenth more, as ffx
 * gives it: its system has to have room. */
static void
make_room(struct plan *plan)
{
	if (!is_fxfs(plan->kind) || plan->size <= plan->length)
		return;
	plan->length = plan->size + (plan->size + 9) / 10;
	plan->grow = true;
}

static void
extend(const struct options *options, struct disk *disk)
{
	struct plan plan;
	bool used = true, fine = plan_make(&plan, disk->fd, disk->name,
			      (uint64_t)disk->st.st_size, options->length);

	make_room(&plan);
	if (!fine || (plan.grow && plan.state == VOLUME_OTHER))
		used = other(options, disk, &plan);
	else if (plan.grow && !options->dry)
		grow(disk, &plan);
	if (used)
		report(options, &plan);
	if (used && plan.grow && !options->dry)
		disk_record(disk, plan.length);
	plan_free(&plan);
}

/* Runs the document's fvm_tool as botanist does: `tool image extend --length
 * N`, its output on our stderr. When it is killed, or this process ends, what
 * it started ends with it. */
static void
run_tool(const char *tool, const char *image, uint64_t length, double scale)
{
	uint64_t limit = duration_scaled(tool_time, scale);
	char number[24];
	const char *const argv[] = {
	    tool, image, "extend", "--length", number, NULL};
	const struct child_plan plan = {.argv = argv,
	    .fds = {CHILD_NULL, STDERR_FILENO, STDERR_FILENO},
	    .count = 3,
	    .session = true};
	struct child child;
	struct reason why;

	snprintf(number, sizeof(number), "%" PRIu64, length);
	stdio_free_stderr();
	fatal_if(child_start(&child, &plan, &why) < 0, &why);
	bool exited = child_await(&child, clock_now() + limit);
	int status = child_end(&child);
	if (!exited)
		fatal("%s: killed: not done within %g s", tool,
		    (double)limit / 1e9);
	if (WIFSIGNALED(status))
		fatal("%s: died of signal %d", tool, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		fatal("%s: exited %d", tool, WEXITSTATUS(status));
}

/* Has the document's own tool do it, on a private copy. */
static void
extend_with(
    const char *fvm_tool, const struct options *options, struct disk *disk)
{
	struct plan plan = {.name = disk->name,
	    .size = (uint64_t)disk->st.st_size,
	    .length = options->length,
	    .state = VOLUME_OTHER};
	struct stat st;

	plan.grow = plan.size < plan.length;
	if (plan.grow && !options->dry) {
		char *tool = path_absolute(NULL, fvm_tool);

		if (tool == NULL)
			fatal_errno(fvm_tool);
		if (!disk->own)
			copy_whole(disk, plan.size);
		run_tool(tool, disk->path, plan.length, options->scale);
		if (stat(disk->path, &st) < 0)
			fatal_errno(disk->path);
		if ((uint64_t)st.st_size < plan.length)
			fatal("%s: exited 0, but %s has %jd bytes, not "
			      "%" PRIu64,
			    tool, disk->path, (intmax_t)st.st_size,
			    plan.length);
		free(tool);
	}
	report(options, &plan);
	if (plan.grow && !options->dry)
		disk_record(disk, (uint64_t)st.st_size);
}

/* Checks what the entry says of its file, which is going to be changed, and
 * that nothing is left for emu-stage to do. */
static void
check_entry(const struct document *document, const struct disk *disk)
{
	static const char wishes[][12] = {"extract", "decompress", "convert"};
	const struct image *image = disk->image;
	uint64_t size = (uint64_t)disk->st.st_size;
	char digest[DIGEST_TEXT] = "", prefix[48];
	struct image_claim claim;
	struct reason why;

	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		const json_t *wish = json_object_get(image->entry, wishes[i]);

		if (wish != NULL && !json_is_null(wish) && !json_is_false(wish))
			fatal("%s: images[%zu].%s: emu-stage has to do that "
			      "first",
			    document->name, image->index, wishes[i]);
	}
	snprintf(prefix, sizeof(prefix), "images[%zu].", image->index);
	struct fields entry = {document, image->entry, prefix, &why, false};
	image_claim_read(&claim, &entry);
	fatal_if(entry.failed, &why);
	if (claim.sha256 != NULL && digest_file(disk->fd, size, digest) < 0)
		fatal_errno(image->path);
	fatal_if(image_claim_check(&claim, image->path, size, digest, &why) < 0,
	    &why);
}

/* The era of the machine, and the size that its disk grows to: -l's, the
 * document's, the era's. */
static void
read_era(const struct document *document, struct flavor *flavor,
    struct options *options)
{
	const char *name = NULL;
	int64_t storage = 0;
	struct reason why;

	struct fields root = {document, document->root, "", &why, false};
	field_text(&root, "flavor", &name);
	field_integer(&root, "storage", 1, INT64_MAX, &storage);
	fatal_if(root.failed || flavor_read(flavor, name, &why) < 0, &why);
	if (options->length_given)
		return;
	options->length_given = storage > 0;
	options->length = (uint64_t)(storage > 0 ? storage : flavor->storage);
}

static void
extend_disk(const struct document *document, const struct image *image,
    const struct options *options, struct disk *disk)
{
	const char *fvm_tool = NULL;
	struct reason why;

	disk_open(disk, image, options->directory);
	struct fields root = {document, document->root, "", &why, false};
	field_text(&root, "fvm_tool", &fvm_tool);
	fatal_if(root.failed, &why);
	/* What will be opened is opened before the right to is given up. The
	 * tool is a program of its own, that needs what it needs. */
	if (fvm_tool == NULL && !options->dry && !disk->own &&
	    disk->directory >= 0)
		disk_begin(disk);
	if (fvm_tool == NULL)
		disk_confine(disk);
	if (!disk->own)
		check_entry(document, disk);
	if (fvm_tool == NULL)
		extend(options, disk);
	else
		extend_with(fvm_tool, options, disk);
}

/* What has been made stays only when the document got out. */
static void
print(const struct document *document)
{
	struct reason why;
	sigset_t pipe;

	/* A reader that is gone is an error like any other. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, NULL);
	fatal_if(document_write(document, stdout, &why) < 0, &why);
	if (fflush(stdout) != 0)
		fatal_errno("<stdout>");
}

void
in_document(const struct options *given)
{
	struct options options = *given;
	struct flavor flavor = {0};
	struct document document;
	struct images images;
	struct disk disk = {0};
	struct reason why;

	fatal_if(
	    document_read(&document, options.document, &why) < 0 ||
		(options.manifest != NULL && images_add_manifest(&document,
						 options.manifest, &why) < 0) ||
		images_collect(&document, &images, &why) < 0,
	    &why);
	read_era(&document, &flavor, &options);
	const struct image *image = flavor_disk(&flavor, &images);
	const struct image *without_file =
	    images_find(&images, "blk_storage-full");
	if (image != NULL)
		extend_disk(&document, image, &options, &disk);
	/* No disk is nobody's business; a disk without a file is a mistake. */
	else if (without_file != NULL)
		fatal("%s: images[%zu].path: missing", document.name,
		    without_file->index);
	if (!options.dry)
		print(&document);
	disk_close(&disk);
	images_free(&images);
	flavor_free(&flavor);
	document_free(&document);
}
