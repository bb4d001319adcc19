#include "result.h"

#include "../fatal.h"
#include "../memory.h"
#include "cache.h"
#include "path.h"

#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What came out of an archive or a FIFO can be looked at only now, and what was
 * copied may be another file than the one that was looked at. */
static void
check_references(const struct staging *staging, const struct recipe *recipe)
{
	int fd = recipe_open(staging, recipe);

	recipe_references(recipe, fd);
	close(fd);
}

static void
check(struct recipe *recipe, const struct staging *staging,
    const struct cache_dir *cache)
{
	recipe_sum(staging, recipe);
	if (recipe->cached != NULL &&
	    strcmp(strrchr(recipe->cached, '-') + 1, recipe->digest) != 0)
		cache_refuse(cache, recipe);
	recipe_check_source(recipe);
	recipe_check(recipe, staging->max);
	if (recipe->image != NULL && recipe->convert == NULL)
		check_references(staging, recipe);
	/* The user's own file: the old or the new one after a crash. */
	else if (recipe->image == NULL && fsync(recipe->out->whole.fd) < 0)
		fatal_errno(recipe->source);
}

void
result_check(const struct staging *staging, const struct cache_dir *cache)
{
	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (recipe->how != HOW_KEEP && recipe->how != HOW_OVERLAY &&
		    recipe->how != HOW_LINK)
			check(recipe, staging, cache);
	}
}

/* The file that an overlay rests on, and what that one does, for whoever looks
 * at the overlay once more. */
static json_t *
list_backing(const struct recipe *recipe)
{
	json_t *named = json_object_get(recipe->entry, "backing");
	char *base = recipe->cached != NULL
			 ? memory_format("%s.base", recipe->path)
			 : path_absolute(NULL, recipe->source);
	json_t *list = json_array();

	if (base == NULL)
		fatal_errno(recipe->source);
	if (json_array_append_new(list, json_string(base)) < 0)
		fatal("%s: not UTF-8", base);
	free(base);
	if ((json_is_string(named) && json_array_append(list, named) < 0) ||
	    (json_is_array(named) && json_array_extend(list, named) < 0))
		fatal_memory();
	return list;
}

/* What qemu-img made has another format than its source. */
static int
record_format(const struct recipe *recipe)
{
	bool overlay = recipe->how == HOW_OVERLAY;

	if (!overlay && (recipe->how != HOW_CONVERT || recipe->format == NULL))
		return 0;
	if (overlay && json_object_set_new(
			   recipe->entry, "backing", list_backing(recipe)) < 0)
		return -1;
	return json_object_set_new(
	    recipe->entry, "format", json_string(overlay ? "qcow2" : "raw"));
}

static void
record(const struct recipe *recipe)
{
	json_t *path = json_string(recipe->path);

	if (path == NULL)
		fatal("%s: not UTF-8", recipe->path);
	/* As long as the source's path is there, which the new one replaces. */
	if (recipe->image != NULL && record_format(recipe) < 0)
		fatal_memory();
	if (json_object_set_new(recipe->entry,
		recipe->image == NULL ? "image" : "path", path) < 0)
		fatal_memory();
	if (recipe->image == NULL)
		return;
	/* What the document wanted was checked before items came to it. */
	if (recipe->is_extended)
		json_object_del(recipe->entry, "sha256");
	if (json_object_set_new(recipe->entry, "size",
		json_integer((json_int_t)recipe->size)) < 0 ||
	    json_object_set_new(recipe->entry, "staged", json_true()) < 0 ||
	    (recipe->digest[0] != '\0' && recipe->claim.sha256 == NULL &&
		json_object_set_new(
		    recipe->entry, "sha256", json_string(recipe->digest)) < 0))
		fatal_memory();
}

void
result_record(const struct staging *staging)
{
	for (size_t i = 0; i < staging->count; i++)
		record(&staging->list[i]);
}

static void
report(const struct recipe *recipe)
{
	const char *id = recipe->image == NULL ? "minfs" : recipe->image->id;
	const char *from = recipe->cached != NULL ? " from the cache" : "";
	uint64_t size = recipe->size, written = recipe->written;
	bool whole = recipe->how == HOW_COPY && recipe->is_there;

	if (recipe->how == HOW_KEEP)
		warnx("%s: left as it is: it has one link", id);
	else if (recipe->how == HOW_LINK || whole)
		warnx("%s: %s%s, %" PRIu64 " bytes", id, recipe->done, from,
		    size);
	else
		warnx("%s: %s%s, %" PRIu64 " bytes, %" PRIu64 " written, "
		      "%" PRIu64 " in holes",
		    id, recipe->done, from, size, written,
		    size > written ? size - written : 0);
}

void
result_report(const struct staging *staging)
{
	for (size_t i = 0; i < staging->count; i++)
		report(&staging->list[i]);
}
