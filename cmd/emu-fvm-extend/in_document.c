#include "in_document.h"

#include "confinement.h"
#include "digest.h"
#include "disk.h"
#include "document.h"
#include "extent_copy.h"
#include "field.h"
#include "flavor.h"
#include "image_claim.h"
#include "path.h"
#include "plan.h"
#include "report.h"
#include "tool.h"

#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Grows the disk natively: our own copy in place, another one into a copy. */
static int
grow(struct disk *disk, struct plan *plan, struct reason *why)
{
	if (disk->own)
		return move_within(
		    &plan->move, disk->fd, plan->name, plan->size, why);
	if (disk_begin(disk, why) < 0 ||
	    move_into(&plan->move, disk->fd, plan->name, disk->copy.fd,
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
		    copy.failed == disk->fd ? disk->source : disk->path);
	return disk_finish(disk, why);
}

static int
lengthen(struct disk *disk, uint64_t length, struct reason *why)
{
	if (!disk->own)
		return copy_whole(disk, length, why);
	if (ftruncate(disk->fd, (off_t)length) < 0)
		return reason_errno(why, "%s", disk->source);
	return 0;
}

static bool
is_fxfs(const struct magic *kind)
{
	return kind != NULL && kind->format != NULL &&
	       strcmp(kind->format, "fxfs") == 0;
}

/* What is no FVM, or none that can be grown. Returns 1 when the image is used
 * as it is, 0 when it has been grown all the same, or -1 with the reason. */
static int
other(const struct options *options, struct disk *disk, const struct plan *plan,
    struct reason *why)
{
	*why = plan->why;
	if (plan->state != VOLUME_OTHER)
		return -1;
	if (is_fxfs(plan->kind))
		return options->dry ? 0 : lengthen(disk, plan->length, why);
	if (options->length_given ||
	    (plan->kind != NULL && plan->kind->hint != NULL))
		return -1;
	warnx("%s: left as it is", why->text);
	return 1;
}

static int
report(
    const struct options *options, const struct plan *plan, struct reason *why)
{
	if (options->dry)
		return report_plan(stdout, plan, false, options->json, why);
	if (options->verbose)
		return report_plan(stderr, plan, true, options->json, why);
	return 0;
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

static int
extend(const struct options *options, struct disk *disk, struct reason *why)
{
	struct plan plan;
	int result = plan_make(&plan, disk->fd, disk->source,
	    (uint64_t)disk->st.st_size, options->length);

	make_room(&plan);
	if (result < 0 || (plan.grow && plan.state == VOLUME_OTHER))
		result = other(options, disk, &plan, why);
	else if (plan.grow && !options->dry)
		result = grow(disk, &plan, why);
	if (result == 0)
		result = report(options, &plan, why);
	if (result == 0 && plan.grow && !options->dry)
		result = disk_record(disk, plan.length, why);
	plan_free(&plan);
	return result < 0 ? -1 : 0;
}

/* Runs the tool on the private copy and looks at what it did. */
static int
run_tool(const char *tool, const struct options *options, uint64_t length,
    const struct disk *disk, struct reason *why)
{
	struct stat st;

	if (tool_run(tool, disk->path, length, options->scale, why) < 0)
		return -1;
	if (stat(disk->path, &st) < 0)
		return reason_errno(why, "%s", disk->path);
	if ((uint64_t)st.st_size < length)
		return reason_set(why,
		    "%s: exited 0, but %s has %jd bytes, not %" PRIu64, tool,
		    disk->path, (intmax_t)st.st_size, length);
	return disk_record(disk, (uint64_t)st.st_size, why);
}

/* Has the document's own tool do it, on a private copy. */
static int
extend_with(const char *fvm_tool, const struct options *options,
    struct disk *disk, struct reason *why)
{
	struct plan plan = {.name = disk->source,
	    .size = (uint64_t)disk->st.st_size,
	    .length = options->length,
	    .state = VOLUME_OTHER};

	plan.grow = plan.size < plan.length;
	if (!plan.grow || options->dry)
		return report(options, &plan, why);
	char *tool = path_absolute(NULL, fvm_tool);
	if (tool == NULL)
		return reason_errno(why, "%s", fvm_tool);
	int result = disk->own ? 0 : copy_whole(disk, plan.size, why);
	if (result == 0) {
		result = run_tool(tool, options, plan.length, disk, why);
		if (result < 0)
			disk_discard(disk);
	}
	free(tool);
	return result < 0 ? -1 : report(options, &plan, why);
}

/* Opens all there will be to open, then gives up the right to. */
static int
drop_rights(
    const struct options *options, struct disk *disk, struct reason *why)
{
	bool copy = !options->dry && !disk->own && disk->directory >= 0;

	if (copy && disk_begin(disk, why) < 0)
		return -1;
	return confinement_enter(copy ? disk->directory : -1, why);
}

/* Checks what the entry says of its file, which is going to be changed, and
 * that nothing is left for emu-stage to do. */
static int
check_entry(const struct document *document, const struct disk *disk,
    struct reason *why)
{
	static const char wishes[][12] = {"extract", "decompress", "convert"};
	const struct image *image = disk->image;
	uint64_t size = (uint64_t)disk->st.st_size;
	char digest[DIGEST_TEXT] = "";
	struct image_claim claim;

	for (size_t i = 0; i < sizeof(wishes) / sizeof(*wishes); i++) {
		const json_t *wish = json_object_get(image->entry, wishes[i]);

		if (wish != NULL && !json_is_null(wish) && !json_is_false(wish))
			return reason_set(why,
			    "%s: images[%zu].%s: emu-stage has to do that "
			    "first",
			    document->name, image->index, wishes[i]);
	}
	if (image_claim_read(&claim, document, image, why) < 0)
		return -1;
	if (claim.sha256 != NULL && digest_file(disk->fd, size, digest) < 0)
		return reason_errno(why, "%s", image->path);
	return image_claim_check(&claim, image->path, size, digest, why);
}

static int
extend_disk(const struct document *document, const struct options *options,
    struct disk *disk, struct reason *why)
{
	const char *fvm_tool = NULL;

	if (field_text(
		document, document->root, "", "fvm_tool", &fvm_tool, why) < 0)
		return -1;
	/* The tool is a program of its own, that needs what it needs. */
	if (fvm_tool == NULL && drop_rights(options, disk, why) < 0)
		return -1;
	if (!disk->own && check_entry(document, disk, why) < 0)
		return -1;
	return fvm_tool == NULL ? extend(options, disk, why)
				: extend_with(fvm_tool, options, disk, why);
}

static int
print(const struct document *document, struct reason *why)
{
	sigset_t pipe;

	/* A reader that is gone is an error like any other. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, NULL);
	if (document_write(document, stdout, why) == 0) {
		if (fflush(stdout) == 0)
			return 0;
		reason_errno(why, "<stdout>");
	}
	return -1;
}

/* The era of the machine, and the size that its disk grows to: -l's, the
 * document's, the era's. */
static int
read_era(const struct document *document, struct flavor *flavor,
    struct options *options, struct reason *why)
{
	const char *name = NULL;
	int64_t storage = 0;

	if (field_text(document, document->root, "", "flavor", &name, why) <
		0 ||
	    field_integer(document, document->root, "", "storage", 1, INT64_MAX,
		&storage, why) < 0 ||
	    flavor_read(flavor, name, why) < 0)
		return -1;
	if (options->length_given)
		return 0;
	options->length_given = storage > 0;
	options->length = (uint64_t)(storage > 0 ? storage : flavor->storage);
	return 0;
}

/* No disk is nobody's business; a disk without a file is a mistake. */
static int
missing_disk(const struct document *document, const struct images *images,
    struct reason *why)
{
	const struct image *image = images_find(images, "blk_storage-full");

	if (image == NULL)
		return 0;
	return reason_set(
	    why, "%s: images[%zu].path: missing", document->name, image->index);
}

/* Finds the disk among the document's images and grows it. */
static int
find_and_extend(const struct document *document, const struct images *images,
    const struct flavor *flavor, const struct options *options,
    struct disk *disk, struct reason *why)
{
	const struct image *image = flavor_disk(flavor, images);

	if (image == NULL)
		return missing_disk(document, images, why);
	if (disk_open(disk, image, options->directory, why) < 0)
		return -1;
	return extend_disk(document, options, disk, why);
}

int
in_document(const struct options *given, struct reason *why)
{
	struct options own = *given;
	const struct options *options = &own;
	struct flavor flavor = {0};
	struct document document;
	struct images images = {0};
	struct disk disk = {0};
	int result = document_read(&document, options->document, why);

	if (result == 0 && options->manifest != NULL)
		result = images_add_manifest(&document, options->manifest, why);
	if (result == 0)
		result = images_collect(&document, &images, why);
	if (result == 0)
		result = read_era(&document, &flavor, &own, why);
	if (result == 0)
		result = find_and_extend(
		    &document, &images, &flavor, options, &disk, why);
	if (result == 0 && !options->dry)
		result = print(&document, why);
	/* What has been made stays only when the document got out. */
	if (result < 0)
		disk_discard(&disk);
	disk_close(&disk);
	images_free(&images);
	flavor_free(&flavor);
	document_free(&document);
	return result;
}
