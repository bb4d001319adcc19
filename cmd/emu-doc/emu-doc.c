/* emu-doc: files to a document that boots them. It looks at what is in them;
 * their names say nothing. */
#include "backing.h"
#include "document.h"
#include "image.h"
#include "machine.h"
#include "options.h"
#include "packed.h"
#include "plan.h"
#include "stdio_guard.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static int
look(struct file *file, const char *name, struct reason *why)
{
	struct source source;
	int result = -1;

	file->name = name;
	if (source_open(&source, name, why) < 0)
		return -1;
	kind_of(&source, &file->kind);
	const struct kind *kind = &file->kind;
	if (kind->class == KIND_PACKED &&
	    packed_look(&source, name, &file->kind, why) < 0)
		goto out;
	errno = source.error;
	if (source.error != 0)
		reason_errno(why, "%s", name);
	else if (source.size == 0)
		reason_set(why, "%s: empty", name);
	else if (kind->class == KIND_USELESS)
		reason_set(why, "%s: %s, nothing to boot", name, kind->what);
	else if (kind->wrong != NULL)
		reason_set(why, "%s: %s: %s", name, kind->what, kind->wrong);
	else
		result = 0;
out:
	source_close(&source);
	return result;
}

/* The target of a manifest's machine is that of its kernel. */
static const char *
manifest_target(const struct document *document, struct reason *why)
{
	const char *found = NULL;
	struct images images;

	if (images_collect(document, &images, why) == 0) {
		const struct image *kernel =
		    images_find(&images, "kernel_qemu-kernel");
		struct file file = {0};

		if (kernel == NULL || kernel->path == NULL)
			reason_set(
			    why, "%s: no kernel_qemu-kernel", document->name);
		else if (look(&file, kernel->path, why) == 0) {
			found = file.kind.target;
			if (found == NULL)
				reason_set(why, "%s: %s: for which target?",
				    kernel->path, file.kind.what);
		}
	}
	images_free(&images);
	return found;
}

/* images.json: Fuchsia's images, all of them. */
static int
from_manifest(struct document *document, const struct options *options,
    const char *name, struct reason *why)
{
	document->root = json_object();
	document->name = name;
	json_t *root = document_parse_file(name, why);
	if (root == NULL)
		return -1;
	bool object = json_is_object(root);
	json_decref(root);
	if (object)
		return reason_set(why,
		    "%s: a document or some other JSON object; emu-run -c takes "
		    "a document",
		    name);
	if (options->file_count > 1)
		return reason_set(
		    why, "%s: a manifest beside other files", name);
	if (images_add_manifest(document, name, why) < 0)
		return -1;
	const char *target = options->target;
	if (target == NULL)
		target = manifest_target(document, why);
	if (target == NULL)
		return -1;
	return machine_fuchsia(document->root, target, options, why);
}

/* An overlay starts as what it rests on does, as far as that can be seen. */
static void
inherit(struct kind *kind, const struct kind *base)
{
	if (!kind->opaque || (!base->bios && !base->uefi && base->root == 0))
		return;
	kind->target = base->target;
	kind->other = base->other;
	kind->bios = base->bios;
	kind->uefi = base->uefi;
	kind->root = base->root;
	kind->opaque = false;
}

static int
find_backing(struct file *files, struct file *disk,
    const struct options *options, struct reason *why)
{
	size_t count = options->file_count;

	disk->rests_on = calloc(count, sizeof(bool));
	if (disk->rests_on == NULL)
		return reason_memory(why);
	if (backing_check(disk->name, disk->kind.format,
		(const char *const *)options->files, count, disk->rests_on,
		why) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!disk->rests_on[i])
			continue;
		inherit(&disk->kind, &files[i].kind);
		files[i].kind.class = KIND_BACKING;
	}
	return 0;
}

/* A file that a disk rests on is no disk of its own. */
static int
check_disks(
    struct file *files, const struct options *options, struct reason *why)
{
	for (size_t i = 0; i < options->file_count; i++) {
		if (files[i].kind.class == KIND_DISK &&
		    find_backing(files, &files[i], options, why) < 0)
			return -1;
	}
	return 0;
}

static int
make_document(struct document *document, const struct options *options,
    struct file *files, struct plan *plan, struct reason *why)
{
	for (size_t i = 0; i < options->file_count; i++) {
		if (look(&files[i], options->files[i], why) < 0)
			return -1;
	}
	for (size_t i = 0; i < options->file_count; i++) {
		if (files[i].kind.class == KIND_JSON)
			return from_manifest(
			    document, options, files[i].name, why);
	}
	if (check_disks(files, options, why) < 0)
		return -1;
	if (plan_make(plan, files, options->file_count, options, why) < 0)
		return -1;
	document->root = machine_document(plan, options, why);
	return document->root == NULL ? -1 : 0;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct document document = {0};
	struct plan plan = {0};
	struct reason why = {""};
	int status = 0;

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	options_parse(&options, argc, argv);
	struct file *files = calloc(options.file_count, sizeof(*files));
	if (files == NULL)
		err(1, NULL);
	if (make_document(&document, &options, files, &plan, &why) < 0 ||
	    document_write(&document, stdout, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		warnx("%s", why.text);
		status = 1;
	} else if (plan.note[0] != '\0') {
		warnx("%s", plan.note);
	}
	document_free(&document);
	for (size_t i = 0; i < options.file_count; i++)
		free(files[i].rests_on);
	free(files);
	options_free(&options);
	return status;
}
