/* emu-doc: files to a document that boots them. It looks at what is in them;
 * their names say nothing. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../memory.h"
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
#include "value.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

const int fatal_status = 1;

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

/* Finds the files that a disk rests on, which are no disks of their own. */
static void
find_backing(
    struct file *files, size_t count, struct file *disk, const char **names)
{
	bool *used = memory_got(calloc(count, sizeof(*used)));
	json_t *paths = json_array();
	struct reason why;

	fatal_if(backing_check(disk->name, disk->name, disk->kind.format, names,
		     count, used, &why) < 0,
	    &why);
	for (size_t i = 0; i < count; i++) {
		if (!used[i])
			continue;
		inherit(&disk->kind, &files[i].kind);
		files[i].kind.class = KIND_BACKING;
		value_append(paths, value_path(NULL, names[i]));
	}
	disk->backing = json_incref(
	    json_array_size(paths) > 1 ? paths : json_array_get(paths, 0));
	/* What is relative in it is so to where it really is. */
	if (disk->backing != NULL)
		disk->found = memory_got(realpath(disk->name, NULL));
	json_decref(paths);
	free(used);
}

static void
check_disks(struct file *files, size_t count)
{
	const char **names = memory_got(calloc(count, sizeof(*names)));

	for (size_t i = 0; i < count; i++)
		names[i] = files[i].name;
	for (size_t i = 0; i < count; i++) {
		/* emu-stage looks at what was packed. */
		if (files[i].kind.class == KIND_DISK && !files[i].kind.packed)
			find_backing(files, count, &files[i], names);
	}
	free(names);
}

static void
make_document(struct document *document, const struct options *options,
    struct file *files, struct plan *plan)
{
	size_t count = options->file_count;
	bool json = false, bundle = false;

	for (size_t i = 0; i < count; i++) {
		file_look(&files[i], options->files[i], &options->targets);
		json |= files[i].kind.class == KIND_JSON;
		bundle |= bundle_is(files[i].json);
	}
	if (options->device != NULL && !bundle)
		fatal("-n %s: no product bundle", options->device);
	if (json) {
		json_files_read(document, files, count, options, &plan->note);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (file_is_useless(&files[i]))
			file_refuse(&files[i]);
	}
	check_disks(files, count);
	plan_make(plan, files, count, options);
	document->root = machine_document(plan);
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct document document = {0};
	struct plan plan = {0};
	struct reason why = {""};

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	options_parse(&options, argc, argv);
	struct file *files =
	    memory_got(calloc(options.file_count, sizeof(*files)));
	make_document(&document, &options, files, &plan);
	additions_make(&document, &options);
	fatal_if(document_write(&document, stdout, &why) < 0 ||
		     stdio_finish(&why) < 0,
	    &why);
	if (plan.note.text[0] != '\0')
		warnx("%s", plan.note.text);
	document_free(&document);
	for (size_t i = 0; i < options.file_count; i++)
		file_free(&files[i]);
	free(files);
	options_free(&options);
	return 0;
}
