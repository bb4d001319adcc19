/* emu-doc: files to a document that boots them. It looks at what is in them;
 * their names say nothing. */
#include "additions.h"
#include "backing.h"
#include "bundle.h"
#include "document.h"
#include "file.h"
#include "json_files.h"
#include "machine.h"
#include "options.h"
#include "plan.h"
#include "stdio_guard.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

/* An overlay starts as what it rests on does, as far as that can be seen. */
static void
inherit(struct kind *kind, const struct kind *base)
{
	if (!kind->opaque || (!base->bios && !base->uefi && base->root == 0))
		return;
	kind->target = base->target;
	kind->other = base->other;
	kind->bios = base->bios && !kind->uefi;
	kind->uefi |= base->uefi;
	kind->root = base->root;
	kind->opaque = false;
}

static int
find_backing(struct file *files, size_t count, struct file *disk,
    const char **names, struct reason *why)
{
	disk->rests_on = calloc(count, sizeof(bool));
	if (disk->rests_on == NULL)
		return reason_memory(why);
	if (backing_check(disk->name, disk->name, disk->kind.format, names,
		count, disk->rests_on, why) < 0)
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
check_disks(struct file *files, size_t count, struct reason *why)
{
	const char **names = calloc(count, sizeof(*names));
	int result = names == NULL ? reason_memory(why) : 0;

	for (size_t i = 0; i < count && names != NULL; i++)
		names[i] = files[i].name;
	for (size_t i = 0; i < count && result == 0; i++) {
		/* emu-stage looks at what was packed. */
		if (files[i].kind.class == KIND_DISK && !files[i].kind.packed)
			result =
			    find_backing(files, count, &files[i], names, why);
	}
	free(names);
	return result;
}

static int
make_document(struct document *document, const struct options *options,
    struct file *files, struct plan *plan, struct reason *why)
{
	bool json = false, bundle = false;

	for (size_t i = 0; i < options->file_count; i++) {
		if (file_look(&files[i], options->files[i], &options->targets,
			why) < 0)
			return -1;
		json |= files[i].kind.class == KIND_JSON;
		bundle |= bundle_is(files[i].json);
	}
	if (options->device != NULL && !bundle)
		return reason_set(
		    why, "-n %s: no product bundle", options->device);
	if (json)
		return json_files_read(document, files, options->file_count,
		    options, &plan->note, why);
	for (size_t i = 0; i < options->file_count; i++) {
		if (files[i].useless)
			return reason_set(why, "%s", files[i].refusal.text);
	}
	if (check_disks(files, options->file_count, why) < 0)
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
	    additions_make(&document, &options, &why) < 0 ||
	    document_write(&document, stdout, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		warnx("%s", why.text);
		status = 1;
	} else if (plan.note.text[0] != '\0') {
		warnx("%s", plan.note.text);
	}
	document_free(&document);
	for (size_t i = 0; i < options.file_count; i++)
		file_free(&files[i]);
	free(files);
	options_free(&options);
	return status;
}
