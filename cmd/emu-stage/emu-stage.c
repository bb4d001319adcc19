/* emu-stage: gives the guest its own copies of its images. The document comes
 * in with paths of the user's files and goes out with those of the copies. */
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
#include "signal_cleanup.h"
#include "stdio_guard.h"
#include "unpacker.h"
#include "workers.h"
#include "zbi_list.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* What threads may still use when one of them has failed: it lasts as long as
 * main. */
struct stage {
	struct document document;
	struct staging staging;
	struct unpacker unpacker;
	struct workers workers;
	struct cache_dir cache;
	struct boot_items items;
};

static int
read_documents(struct document *document, const struct options *options,
    struct reason *why)
{
	if (document_read(document, options->document, why) < 0)
		return -1;
	if (options->manifest == NULL)
		return 0;
	return images_add_manifest(document, options->manifest, why);
}

/* The document may name the archive, as emu-doc writes it; nobody behind has to
 * know. *owned is the caller's to free. */
static int
take_archive(struct document *document, struct options *options, char **owned,
    struct reason *why)
{
	const char *path = NULL;

	*owned = NULL;
	if (field_text(document, document->root, "", "archive", &path, why) < 0)
		return -1;
	if (path == NULL || options->archive != NULL)
		return 0;
	*owned = strdup(path);
	if (*owned == NULL)
		return reason_memory(why);
	options->archive = *owned;
	json_object_del(document->root, "archive");
	return 0;
}

static int
open_directories(
    struct stage *stage, const struct options *options, struct reason *why)
{
	struct staging *staging = &stage->staging;

	staging->max = options->max;
	staging->dir =
	    private_dir_open(options->directory, &staging->directory, why);
	return staging->dir < 0
		   ? -1
		   : cache_dir_open(&stage->cache, options->cache, why);
}

/* Keys that no ZBI takes to the guest would be missed there. */
static int
check_zbi(const struct stage *stage, struct reason *why)
{
	const struct boot_items *items = &stage->items;
	const struct images *images = &stage->staging.images;

	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->list[i].type, "zbi") == 0)
			return 0;
	}
	if (items->keys == NULL && items->cmdline == NULL)
		return 0;
	return reason_set(why, "%s: %s: there is no zbi to add it to",
	    stage->document.name,
	    items->keys != NULL ? "authorized_keys" : "cmdline");
}

static int
make_images(
    struct stage *stage, const struct options *options, struct reason *why)
{
	struct staging *staging = &stage->staging;
	struct unpacker *archive = &stage->unpacker;

	stage->workers.staging = staging;
	archive->staging = staging;
	if (options->archive != NULL) {
		stage->workers.archive = archive;
		if (unpacker_start(
			archive, options->archive, &stage->document, why) < 0)
			return -1;
	}
	if (recipes_decide(
		staging, &stage->document, options, &stage->cache, why) < 0 ||
	    check_zbi(stage, why) < 0 || making_prepare(staging, why) < 0 ||
	    workers_run(&stage->workers, why) < 0)
		return -1;
	return result_check(staging, &stage->cache, why);
}

static int
extend_zbi(struct stage *stage, struct reason *why)
{
	struct staging *staging = &stage->staging;

	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (recipe->is_extended &&
		    boot_items_add(&stage->items, staging, recipe, why) < 0)
			return -1;
	}
	return 0;
}

static bool
is_used(const void *context, const char *name)
{
	const struct staging *staging = context;

	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *recipe = &staging->list[i];

		if (recipe->cached != NULL &&
		    (recipe->how == HOW_OVERLAY || recipe->how == HOW_LINK) &&
		    strcmp(strrchr(recipe->cached, '/') + 1, name) == 0)
			return true;
	}
	return false;
}

static int
stage(struct stage *stage, const struct options *options, struct reason *why)
{
	struct staging *staging = &stage->staging;

	if (boot_items_read(&stage->items, &stage->document, why) < 0)
		return -1;
	staging->extends_zbi = boot_items_any(&stage->items);
	if (open_directories(stage, options, why) < 0 ||
	    make_images(stage, options, why) < 0)
		return -1;
	cache_keep(&stage->cache, staging);
	if (making_overlays(staging, why) < 0 || extend_zbi(stage, why) < 0)
		return -1;
	cache_dir_shrink(&stage->cache, options->cache_max, is_used, staging);
	if (result_record(staging, why) < 0 ||
	    new_files_commit(&staging->files, why) < 0)
		return -1;
	if (options->verbose)
		result_report(staging);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct stage all = {
	    .staging = {.dir = -1, .files.lock = PTHREAD_MUTEX_INITIALIZER}};
	struct new_files *files = &all.staging.files;
	struct reason why = {""};
	char *archive;

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	options_parse(&options, argc, argv);
	if (options.zbi != NULL) {
		if (zbi_list(options.zbi, &why) < 0 || stdio_finish(&why) < 0)
			errx(1, "%s", why.text);
		return 0;
	}
	if (read_documents(&all.document, &options, &why) < 0 ||
	    take_archive(&all.document, &options, &archive, &why) < 0 ||
	    signal_cleanup_start(files, &why) < 0)
		errx(1, "%s", why.text);
	if (stage(&all, &options, &why) < 0 ||
	    document_write(&all.document, stdout, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		new_files_abandon(files);
		if (why.text[0] == '\0')
			exit(1);
		errx(1, "%s", why.text);
	}
	new_files_keep(files);
	cache_dir_close(&all.cache);
	boot_items_free(&all.items);
	recipes_free(&all.staging);
	document_free(&all.document);
	free(archive);
	return 0;
}
