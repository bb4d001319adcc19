/* emu-stage: gives the guest its own copies of its images. The document comes
 * in with paths of the user's files and goes out with those of the copies. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../memory.h"
#include "../usage.h"
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
#include "zbi.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const int fatal_status = 1;

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option letters[] = {
    {'C', "size",
	"limit the cache to this size; remove the least recently used",
	AT(cache_max), USAGE_SIZE},
    {'c', "cache", "keep extracted files in this directory for later runs",
	AT(cache)},
    {'d', "dir", "put the images there (default: $EMU_SCRATCH)", AT(directory)},
    {'i', "images.json", "add the images of this manifest", AT(manifest)},
    {'I', "zbi", "list the items of a ZBI as JSON", AT(zbi)},
    {'L', NULL, "link images that the guest only reads", AT(link)},
    {'M', "size", "refuse a larger image", AT(max), USAGE_SIZE},
    {'o', NULL, "make overlays on the user's files in place of copies",
	AT(overlay)},
    {'v', NULL, "report how each image was made", AT(verbose)},
    {'x', "archive", "extract the images from an archive (-: stdin)",
	AT(archive)},
    {0},
};

static const struct usage usage = {
    .command = "emu-stage",
    .synopsis = "[-Lov] [-c cache [-C size]] [-d dir] [-i images.json]\n"
		"                 [-M size] [-x archive] [document]\n"
		"       emu-stage -I zbi",
    .options = letters,
};

/* Whether it is standard input, by any name. A regular file can be read more
 * than once. */
static bool
is_stdin(const char *name)
{
	struct stat named, open;

	if (name == NULL || strcmp(name, "-") == 0)
		return name != NULL;
	return stat(name, &named) == 0 && fstat(STDIN_FILENO, &open) == 0 &&
	       !S_ISREG(named.st_mode) && named.st_dev == open.st_dev &&
	       named.st_ino == open.st_ino;
}

static void
parse(struct options *options, int argc, char *argv[])
{
	const char *cache = getenv("EMU_CACHE");

	*options = (struct options){.directory = getenv("EMU_SCRATCH"),
	    .cache = cache != NULL && cache[0] != '\0' ? cache : NULL,
	    .cache_max = UINT64_MAX,
	    .max = INT64_MAX};
	usage_parse(&usage, argc, argv, options);
	if (options->cache_max != UINT64_MAX && options->cache == NULL)
		usage_wrong(&usage, "-C: without -c");
	if (argc - optind > 1)
		usage_wrong(&usage, "%s: one document only", argv[optind + 1]);
	options->document = argv[optind];
	int inputs =
	    (options->document == NULL || is_stdin(options->document)) +
	    is_stdin(options->manifest) + is_stdin(options->archive);
	options->reads_stdin = inputs > 0;
	if (inputs > 1)
		usage_wrong(&usage, "standard input has one use only");
}

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
		unpacker_start(&stage->unpacker, options->archive,
		    &stage->document, &stage->cache);
	}
	recipes_decide(staging, &stage->document, options, &stage->cache);
	check_zbi(stage);
	making_prepare(staging);
	making_run(&stage->making);
	result_check(staging, &stage->cache);
	recipe_check_source(&stage->unpacker.manifest);
}

static void
run(struct stage *stage, const struct options *options)
{
	struct staging *staging = &stage->staging;
	struct reason why;

	stage->items = boot_items_read(&stage->document);
	staging->extends_zbi = stage->items.keys != NULL ||
			       stage->items.cmdline != NULL ||
			       stage->items.has_entropy;
	staging->max = options->max;
	staging->dir =
	    private_dir_open(options->directory, &staging->directory, &why);
	fatal_if(staging->dir < 0, &why);
	cache_dir_open(&stage->cache, options->cache);
	make_images(stage, options);
	cache_keep_manifest(&stage->cache, staging, &stage->unpacker.manifest,
	    stage->unpacker.line);
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
	json_memory_guard();
	parse(&options, argc, argv);
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
