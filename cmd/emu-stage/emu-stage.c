/* emu-stage: gives the guest its own copies of its images. The document comes
 * in with paths of the user's files and goes out with those of the copies. */
#include "../fatal.h"
#include "../memory.h"
#include "boot_items.h"
#include "cache.h"
#include "document.h"
#include "field.h"
#include "image.h"
#include "making.h"
#include "options.h"
#include "private_dir.h"
#include "recipes.h"
#include "result.h"
#include "stdio_guard.h"
#include "unpacker.h"
#include "zbi_list.h"

#include <stdlib.h>
#include <string.h>

const int fatal_status = 1;

/* The whole run. Threads may use it until the end of the process. */
struct stage {
	struct document document;
	struct staging staging;
	struct unpacker unpacker;
	struct making making;
	struct cache_dir cache;
	struct boot_items items;
};

/* Reads the document and the manifest. The document may name the archive, as
 * emu-doc writes it; nobody behind has to know. */
static void
read_documents(struct document *document, struct options *options)
{
	const char *archive = NULL;
	struct reason why;

	fatal_if(
	    document_read(document, options->document, &why) < 0 ||
		(options->manifest != NULL &&
		    images_add_manifest(document, options->manifest, &why) < 0),
	    &why);
	struct fields root = {document, document->root, "", &why, false};
	field_text(&root, "archive", &archive);
	fatal_if(root.failed, &why);
	if (archive == NULL || options->archive != NULL)
		return;
	options->archive = memory_got(strdup(archive));
	json_object_del(document->root, "archive");
}

/* Keys that no ZBI takes to the guest would be missed there. */
static void
check_zbi(const struct stage *stage)
{
	const struct boot_items *items = &stage->items;
	const struct images *images = &stage->staging.images;

	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->list[i].type, "zbi") == 0)
			return;
	}
	if (items->keys != NULL || items->cmdline != NULL)
		fatal("%s: %s: there is no zbi to add it to",
		    stage->document.name,
		    items->keys != NULL ? "authorized_keys" : "cmdline");
}

static void
make_images(struct stage *stage, const struct options *options)
{
	struct staging *staging = &stage->staging;

	stage->making.staging = staging;
	stage->unpacker.staging = staging;
	if (options->archive != NULL) {
		stage->making.archive = &stage->unpacker;
		unpacker_start(
		    &stage->unpacker, options->archive, &stage->document);
	}
	recipes_decide(staging, &stage->document, options, &stage->cache);
	check_zbi(stage);
	making_prepare(staging);
	making_run(&stage->making);
	result_check(staging, &stage->cache);
}

static void
run(struct stage *stage, const struct options *options)
{
	struct staging *staging = &stage->staging;
	struct reason why;

	stage->items = boot_items_read(&stage->document);
	staging->extends_zbi = boot_items_any(&stage->items);
	staging->max = options->max;
	staging->dir =
	    private_dir_open(options->directory, &staging->directory, &why);
	fatal_if(staging->dir < 0, &why);
	cache_dir_open(&stage->cache, options->cache);
	make_images(stage, options);
	cache_keep(&stage->cache, staging);
	making_overlays(staging);
	for (size_t i = 0; i < staging->count; i++) {
		if (staging->list[i].is_extended)
			boot_items_add(
			    &stage->items, staging, &staging->list[i]);
	}
	cache_dir_shrink(&stage->cache, staging, options->cache_max);
	result_record(staging);
	new_files_commit(&staging->files);
	if (options->verbose)
		result_report(staging);
	fatal_if(document_write(&stage->document, stdout, &why) < 0, &why);
}

static void
undo(void *context)
{
	struct stage *stage = context;

	progress_end(&stage->making.progress);
	new_files_abandon(&stage->staging.files);
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct stage stage = {
	    .staging = {.files.lock = PTHREAD_MUTEX_INITIALIZER}};
	struct reason why;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	options_parse(&options, argc, argv);
	if (options.zbi != NULL) {
		zbi_list(options.zbi);
	} else {
		read_documents(&stage.document, &options);
		new_files_guard(&stage.staging.files);
		fatal_undo(undo, &stage);
		run(&stage, &options);
	}
	fatal_if(stdio_finish(&why) < 0, &why);
	new_files_keep(&stage.staging.files);
	/* What is in use by now lasts until here. */
	exit(0);
}
