#include "recipes.h"

#include "../fatal.h"
#include "../memory.h"
#include "cache.h"
#include "field.h"
#include "unsparse.h"

#include <errno.h>
#include <fcntl.h>
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
			return !recipe->is_written;
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
static void
look(const struct staging *staging, struct recipe *recipe,
    const struct options *options)
{
	recipe->file = recipe->source;
	if (!recipe->in_archive) {
		recipe_look(recipe);
		if (is_used_up(recipe, options))
			fatal("%s: standard input has one use only",
			    recipe->source);
		return;
	}
	recipe->source = recipe->file = NULL;
	recipe->member = recipe->image->path;
	bool is_stdin = strcmp(options->archive, "-") == 0;
	if (!is_stdin)
		recipe->file = options->archive;
	recipe->st = staging->archive;
	recipe->is_file = !is_stdin && S_ISREG(recipe->st.st_mode);
}

/* Whether what is to be converted is an Android sparse image; nothing else can
 * be when it comes out of a FIFO. */
static bool
is_sparse(const struct recipe *recipe)
{
	if (!recipe->is_file)
		return true;
	int fd = recipe_open_source(recipe);
	bool sparse = unsparse_knows(fd);
	close(fd);
	return sparse;
}

/* By what is known of it: the one place where that is decided. `backed`: it
 * rests on another image, which the caller named. */
static enum how
decide(const struct recipe *recipe, bool backed, const struct options *options)
{
	/* What is to have a sha256 is read to the end, and so copied. */
	bool summed = recipe->claim.sha256 != NULL;

	if (recipe_is_unpacked(recipe))
		return recipe->decompress ? HOW_DECOMPRESS : HOW_EXTRACT;
	if (recipe->convert != NULL)
		return is_sparse(recipe) ? HOW_UNSPARSE : HOW_CONVERT;
	if (backed || (options->overlay && !read_only(recipe) &&
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

static void
decide_image(struct recipe *recipe, const struct options *options)
{
	bool backed = false;

	/* What emu-unpack makes is looked at when it is there. */
	if (recipe->is_file && !recipe_is_unpacked(recipe)) {
		int fd = recipe_open_source(recipe);

		backed = recipe_references(recipe, fd);
		close(fd);
	}
	recipe->how = decide(recipe, backed, options);
	recipe->overlay_later = options->overlay && !read_only(recipe) &&
				recipe->cache_key[0] != '\0' &&
				recipe->cached == NULL &&
				recipe->claim.sha256 == NULL;
	if (recipe->how == HOW_OVERLAY && recipe->claim.sha256 != NULL)
		fatal("%s: an overlay has no sha256 that could be checked",
		    recipe->source);
	/* An overlay's size is the disk's; here it is the file's still. */
	if (recipe->how == HOW_COPY || recipe->how == HOW_LINK ||
	    recipe->how == HOW_OVERLAY)
		recipe_check(recipe, options->max);
}

static void
start_image(struct staging *staging, const struct document *document,
    const struct image *image, const struct options *options,
    const struct cache_dir *cache)
{
	if (image->path == NULL)
		fatal("%s: images[%zu].path: missing", document->name,
		    image->index);
	struct recipe *recipe = &staging->list[staging->count++];
	*recipe = (struct recipe){.image = image,
	    .entry = image->entry,
	    .source = image->path,
	    /* With -x, a path that is relative is a member's. */
	    .in_archive = options->archive != NULL && image->path[0] != '/',
	    .is_extended =
		staging->extends_zbi && strcmp(image->type, "zbi") == 0,
	    .reading = -1};
	recipe->path = memory_format("%s/%s", staging->directory, image->id);
	recipe_read(recipe, document);
	look(staging, recipe, options);
	if (cache->fd >= 0 && recipe_is_unpacked(recipe) &&
	    recipe_is_known(recipe))
		cache_key(recipe);
}

/* Checks an image that is marked as staged, but is not one that was made in the
 * directory: a user's own disk, which the guest is to write to. QEMU takes
 * names in the image as relative to the path that it is given. */
static void
check_marked(const struct staging *staging, const struct document *document,
    struct image *image)
{
	struct recipe recipe = {
	    .image = image, .entry = image->entry, .file = image->path};
	size_t len = strlen(staging->directory);

	if (image->path == NULL ||
	    (strncmp(image->path, staging->directory, len) == 0 &&
		image->path[len] == '/'))
		return;
	recipe_read(&recipe, document);
	int fd = open(image->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return; /* the emulator will tell */
	if (fd < 0)
		fatal_errno(image->path);
	if (recipe_references(&recipe, fd)) {
		char *real = memory_got(realpath(image->path, NULL));
		json_t *path = json_string(real);

		if (path == NULL)
			fatal("%s: not UTF-8", real);
		json_object_set_new(image->entry, "path", path);
		image->path = json_string_value(path);
		free(real);
	}
	close(fd);
}

/* botanist's minfs: the guest writes to the user's file. */
static void
decide_minfs(struct staging *staging, const struct document *document,
    const struct options *options)
{
	json_t *minfs = json_object_get(document->root, "minfs");
	const char *path = NULL;
	struct reason why;
	struct fields fields = {document, minfs, "minfs.", &why, false};

	if (minfs == NULL || json_is_null(minfs))
		return;
	if (!json_is_object(minfs))
		fatal("%s: minfs: expected an object", document->name);
	field_text(&fields, "image", &path);
	fatal_if(fields.failed, &why);
	if (path == NULL)
		fatal("%s: minfs.image: missing", document->name);
	struct recipe *recipe = &staging->list[staging->count++];
	*recipe = (struct recipe){.entry = minfs,
	    .source = path,
	    .file = path,
	    .claim.size = -1,
	    .reading = -1};
	recipe->path = realpath(path, NULL);
	if (recipe->path == NULL)
		fatal_errno(path);
	recipe_look(recipe);
	if (!S_ISREG(recipe->st.st_mode))
		fatal("%s: not a regular file", path);
	/* With one name, the file is nobody else's already. */
	recipe->how = recipe->st.st_nlink == 1 ? HOW_KEEP : HOW_COPY;
	recipe_check(recipe, options->max);
}

void
recipes_decide(struct staging *staging, const struct document *document,
    const struct options *options, const struct cache_dir *cache)
{
	struct images *images = &staging->images;
	struct reason why;

	fatal_if(images_collect(document, images, &why) < 0, &why);
	staging->list =
	    memory_got(calloc(images->count + 1, sizeof(*staging->list)));
	for (size_t i = 0; i < images->count; i++) {
		if (images->list[i].staged)
			check_marked(staging, document, &images->list[i]);
		else
			start_image(staging, document, &images->list[i],
			    options, cache);
	}
	cache_find(cache, staging);
	for (size_t i = 0; i < staging->count; i++)
		decide_image(&staging->list[i], options);
	decide_minfs(staging, document, options);
}
