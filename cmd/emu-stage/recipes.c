#include "recipes.h"

#include "cache.h"
#include "field.h"
#include "source.h"
#include "unsparse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The guest only reads these; the rest may be a disk of its. */
static bool
read_only(const struct recipe *recipe)
{
	static const char *const types[] = {"kernel", "zbi", "initrd", "dtb"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(recipe->image->type, types[i]) == 0)
			return true;
	}
	return false;
}

/* What was read from standard input is not there a second time. */
static bool
is_used_up(const struct recipe *recipe, const struct options *options)
{
	struct stat st;

	return options->reads_stdin && !recipe->is_file &&
	       fstat(STDIN_FILENO, &st) == 0 &&
	       st.st_dev == recipe->st.st_dev && st.st_ino == recipe->st.st_ino;
}

/* Looks at what there is: the file, or the archive of -x. */
static int
look(struct recipe *recipe, const struct options *options, struct reason *why)
{
	recipe->member = recipe->extract;
	recipe->file = recipe->source;
	if (!recipe->in_archive && source_look(recipe, why) < 0)
		return -1;
	if (!recipe->in_archive && is_used_up(recipe, options))
		return reason_set(
		    why, "%s: standard input has one use only", recipe->source);
	if (!recipe->in_archive)
		return 0;
	recipe->source = recipe->file = NULL;
	recipe->member = recipe->image->path;
	bool is_stdin = strcmp(options->archive, "-") == 0;
	if (!is_stdin)
		recipe->file = options->archive;
	if ((is_stdin ? fstat(STDIN_FILENO, &recipe->st)
		      : stat(options->archive, &recipe->st)) < 0)
		return reason_errno(
		    why, "%s", is_stdin ? "<stdin>" : options->archive);
	recipe->is_file = !is_stdin && S_ISREG(recipe->st.st_mode);
	return 0;
}

/* What the beginning of the source tells. */
struct facts {
	bool backed; /* it rests on another one, which the caller named */
	bool sparse; /* an Android sparse image */
};

static int
find_sparse(const struct recipe *recipe, bool *sparse, struct reason *why)
{
	int fd = source_open(recipe, why);

	if (fd < 0)
		return -1;
	*sparse = unsparse_knows(fd);
	close(fd);
	return 0;
}

static int
find_facts(const struct recipe *recipe, struct facts *facts, struct reason *why)
{
	bool convert = recipe->convert != NULL;

	*facts = (struct facts){.sparse = convert && !recipe->is_file};
	/* Of a FIFO, only a sparse image can be converted. What emu-unpack
	 * makes is looked at when it is there. */
	if (!recipe->is_file || recipe_is_unpacked(recipe))
		return 0;
	if (convert && find_sparse(recipe, &facts->sparse, why) < 0)
		return -1;
	return recipe_references(recipe, recipe->source, &facts->backed, why);
}

/* By what is known of it: the one place where that is decided. */
static enum how
decide(const struct recipe *recipe, const struct facts *facts,
    const struct options *options)
{
	/* What is to have a sha256 is read to the end, and so copied. */
	bool summed = recipe->claim.sha256 != NULL;

	if (recipe_is_unpacked(recipe))
		return recipe->decompress ? HOW_DECOMPRESS : HOW_EXTRACT;
	if (recipe->convert != NULL)
		return facts->sparse ? HOW_UNSPARSE : HOW_CONVERT;
	if (facts->backed || (options->overlay && !read_only(recipe) &&
				 recipe->is_file && !summed))
		return HOW_OVERLAY;
	if (!recipe->is_file)
		return HOW_STREAM;
	if ((options->link || recipe->cached != NULL) &&
	    S_ISREG(recipe->st.st_mode) && read_only(recipe) && !summed &&
	    !recipe->is_extended)
		return HOW_LINK;
	return HOW_COPY;
}

static int
decide_image(
    struct recipe *recipe, const struct options *options, struct reason *why)
{
	struct facts facts;

	if (find_facts(recipe, &facts, why) < 0)
		return -1;
	recipe->how = decide(recipe, &facts, options);
	recipe->overlay_later = options->overlay && !read_only(recipe) &&
				recipe->cache_key != NULL &&
				recipe->cached == NULL &&
				recipe->claim.sha256 == NULL;
	if (recipe->how == HOW_OVERLAY && recipe->claim.sha256 != NULL)
		return reason_set(why,
		    "%s: an overlay has no sha256 that could be checked",
		    recipe->source);
	/* An overlay's size is the disk's; here it is the file's still. */
	if (recipe->how == HOW_COPY || recipe->how == HOW_LINK ||
	    recipe->how == HOW_OVERLAY)
		return recipe_check(recipe, options->max, why);
	return 0;
}

static int
start_image(struct staging *staging, const struct document *document,
    const struct image *image, const struct options *options,
    const struct cache_dir *cache, struct reason *why)
{
	if (image->path == NULL)
		return reason_set(why, "%s: images[%zu].path: missing",
		    document->name, image->index);
	struct recipe *recipe = &staging->list[staging->count++];
	*recipe = (struct recipe){.image = image,
	    .entry = image->entry,
	    .key = "path",
	    .source = image->path,
	    /* With -x, a path that is relative is a member's. */
	    .in_archive = options->archive != NULL && image->path[0] != '/',
	    .is_extended =
		staging->extends_zbi && strcmp(image->type, "zbi") == 0,
	    .reading = -1};
	if (asprintf(&recipe->path, "%s/%s", staging->directory, image->id) <
	    0) {
		recipe->path = NULL;
		return reason_memory(why);
	}
	if (recipe_read(recipe, document, why) < 0 ||
	    look(recipe, options, why) < 0)
		return -1;
	if (cache->fd < 0 || !recipe_is_unpacked(recipe) || !recipe->is_file ||
	    !S_ISREG(recipe->st.st_mode))
		return 0;
	return cache_key(recipe, why);
}

/* botanist's minfs: the guest writes to the user's file. */
static int
decide_minfs(struct staging *staging, const struct document *document,
    const struct options *options, struct reason *why)
{
	json_t *minfs = NULL;
	const char *path = NULL;

	if (field_object(document, document->root, "", "minfs", &minfs, why) <
	    0)
		return -1;
	if (minfs == NULL)
		return 0;
	if (field_text(document, minfs, "minfs.", "image", &path, why) < 0)
		return -1;
	if (path == NULL)
		return reason_set(
		    why, "%s: minfs.image: missing", document->name);
	struct recipe *recipe = &staging->list[staging->count++];
	*recipe = (struct recipe){.entry = minfs,
	    .key = "image",
	    .source = path,
	    .file = path,
	    .claim.size = -1,
	    .reading = -1};
	recipe->path = realpath(path, NULL);
	if (recipe->path == NULL)
		return reason_errno(why, "%s", path);
	if (source_look(recipe, why) < 0)
		return -1;
	if (!S_ISREG(recipe->st.st_mode))
		return reason_set(why, "%s: not a regular file", path);
	/* With one name, the file is nobody else's already. */
	recipe->how = recipe->st.st_nlink == 1 ? HOW_KEEP : HOW_COPY;
	return recipe_check(recipe, options->max, why);
}

int
recipes_decide(struct staging *staging, const struct document *document,
    const struct options *options, const struct cache_dir *cache,
    struct reason *why)
{
	struct images *images = &staging->images;

	if (images_collect(document, images, why) < 0)
		return -1;
	staging->list = calloc(images->count + 1, sizeof(*staging->list));
	if (staging->list == NULL)
		return reason_memory(why);
	for (size_t i = 0; i < images->count; i++) {
		if (!images->list[i].staged &&
		    start_image(staging, document, &images->list[i], options,
			cache, why) < 0)
			return -1;
	}
	if (cache_find(cache, staging, why) < 0)
		return -1;
	for (size_t i = 0; i < staging->count; i++) {
		if (decide_image(&staging->list[i], options, why) < 0)
			return -1;
	}
	return decide_minfs(staging, document, options, why);
}

void
recipes_free(struct staging *staging)
{
	for (size_t i = 0; i < staging->count; i++) {
		free(staging->list[i].path);
		free(staging->list[i].cache_key);
		free(staging->list[i].cached);
	}
	free(staging->list);
	free(staging->directory);
	if (staging->dir >= 0)
		close(staging->dir);
	images_free(&staging->images);
	new_files_free(&staging->files);
}
