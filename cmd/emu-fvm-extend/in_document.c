#include "in_document.h"

#include "disk.h"
#include "document.h"
#include "extent_copy.h"
#include "field.h"
#include "job.h"
#include "path.h"
#include "report.h"
#include "tool.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* Grows the disk natively: our own copy in place, another one into a copy. */
static int
grow(struct disk *disk, struct job *job, struct reason *why)
{
	if (disk->own)
		return move_within(
		    &job->move, disk->fd, job->name, job->size, why);
	if (disk_begin(disk, why) < 0 ||
	    move_into(&job->move, disk->fd, job->name, disk->copy.fd,
		disk->path, why) < 0)
		return -1;
	return disk_finish(disk, why);
}

/* Copies the whole image, made longer by zeros. */
static int
copy_whole(struct disk *disk, uint64_t length, struct reason *why)
{
	if (disk_begin(disk, why) < 0)
		return -1;
	struct extent_copy copy = {.in = disk->fd, .out = disk->copy.fd};
	if (ftruncate(disk->copy.fd, (off_t)length) < 0)
		return reason_errno(why, "%s", disk->path);
	if (extent_copy(&copy, 0, 0, (uint64_t)disk->st.st_size) < 0)
		return reason_errno(why, "%s",
		    copy.failed == disk->fd ? disk->image->path : disk->path);
	return disk_finish(disk, why);
}

static int
lengthen(struct disk *disk, uint64_t length, struct reason *why)
{
	if (!disk->own)
		return copy_whole(disk, length, why);
	if (ftruncate(disk->fd, (off_t)length) < 0)
		return reason_errno(why, "%s", disk->image->path);
	return 0;
}

/* What is no FVM, or none that can be grown. Returns 1 when the image is used
 * as it is, 0 when it has been grown all the same, or -1 with the reason. */
static int
other(const struct options *options, struct disk *disk, const struct job *job,
    struct reason *why)
{
	*why = job->why;
	if (job->state != VOLUME_OTHER)
		return -1;
	if (job->kind != NULL && job->kind->fxfs && options->length_given)
		return options->dry ? 0 : lengthen(disk, job->length, why);
	if (options->length_given || (job->kind != NULL && job->kind->packed))
		return -1;
	warnx("%s: left as it is", why->text);
	return 1;
}

static int
report(const struct options *options, const struct job *job, struct reason *why)
{
	if (options->dry)
		return report_job(stdout, job, false, options->json, why);
	if (options->verbose)
		return report_job(stderr, job, true, options->json, why);
	return 0;
}

static int
extend(const struct options *options, struct disk *disk, struct reason *why)
{
	struct job job;
	int result = job_plan(&job, disk->fd, disk->image->path,
	    (uint64_t)disk->st.st_size, options->length);

	if (result < 0)
		result = other(options, disk, &job, why);
	else if (job.grow && !options->dry)
		result = grow(disk, &job, why);
	if (result == 0)
		result = report(options, &job, why);
	if (result == 0 && job.grow && !options->dry)
		result = disk_record(disk, options->length, why);
	job_free(&job);
	return result < 0 ? -1 : 0;
}

/* Has the document's own tool do it, on a private copy. */
static int
extend_with(const char *fvm_tool, const struct options *options,
    struct disk *disk, struct reason *why)
{
	uint64_t size = (uint64_t)disk->st.st_size;
	struct stat st;

	if (size >= options->length)
		return 0;
	char *tool = path_absolute(NULL, fvm_tool);
	if (tool == NULL)
		return reason_errno(why, "%s", fvm_tool);
	int result = disk->own ? 0 : copy_whole(disk, size, why);
	if (result == 0) {
		result = tool_run(tool, disk->path, options->length, why);
		if (result == 0 && stat(disk->path, &st) < 0)
			result = reason_errno(why, "%s", disk->path);
		if (result < 0 && !disk->own)
			unlinkat(disk->directory, disk->image->id, 0);
	}
	free(tool);
	return result < 0 ? -1 : disk_record(disk, (uint64_t)st.st_size, why);
}

static int
check_size(const struct document *document, const struct disk *disk,
    struct reason *why)
{
	char prefix[48];
	int64_t size = disk->st.st_size;

	snprintf(prefix, sizeof(prefix), "images[%zu].", disk->image->index);
	if (field_integer(document, disk->image->entry, prefix, "size", 0,
		INT64_MAX, &size, why) < 0)
		return -1;
	if (size == disk->st.st_size)
		return 0;
	return reason_set(why,
	    "%s: has %" PRId64 " bytes, not the %" PRId64 " of its size",
	    disk->image->path, (int64_t)disk->st.st_size, size);
}

static int
extend_image(const struct document *document, const struct options *options,
    const struct image *image, struct reason *why)
{
	const char *fvm_tool = NULL;
	struct disk disk;

	if (field_text(
		document, document->root, "", "fvm_tool", &fvm_tool, why) < 0)
		return -1;
	if (image->path == NULL)
		return reason_set(why, "%s: images[%zu].path: missing",
		    document->name, image->index);
	int result = disk_open(&disk, image, options->directory, why);
	if (result == 0 && !disk.own)
		result = check_size(document, &disk, why);
	if (result == 0)
		result = fvm_tool == NULL
			     ? extend(options, &disk, why)
			     : extend_with(fvm_tool, options, &disk, why);
	disk_close(&disk);
	return result;
}

int
in_document(const struct options *options, struct reason *why)
{
	struct document document;
	struct images images = {0};
	int result = document_read(&document, options->document, why);

	if (result == 0 && options->manifest != NULL)
		result = images_add_manifest(&document, options->manifest, why);
	if (result == 0)
		result = images_collect(&document, &images, why);
	if (result == 0) {
		const struct image *image =
		    images_find(&images, "blk_storage-full");

		if (image != NULL)
			result = extend_image(&document, options, image, why);
	}
	if (result == 0 && !options->dry)
		result = document_write(&document, stdout, why);
	images_free(&images);
	document_free(&document);
	return result;
}
