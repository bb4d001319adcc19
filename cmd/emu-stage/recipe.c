#include "recipe.h"

#include "../fatal.h"
#include "../memory.h"
#include "backing.h"
#include "field.h"
#include "file_io.h"
#include "json_text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
recipe_is_unpacked(const struct recipe *recipe)
{
	return recipe->cached == NULL &&
	       (recipe->member != NULL || recipe->decompress);
}

/* A format becomes a part of QEMU's options. */
static bool
is_word(const char *text)
{
	return text[0] != '\0' &&
	       text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] ==
		   '\0';
}

/* A path, or an array of paths. */
static bool
is_paths(const json_t *value)
{
	size_t i;
	json_t *path;

	json_array_foreach(value, i, path)
	{
		if (!json_is_string(path))
			return false;
	}
	return json_is_string(value) || json_is_array(value);
}

/* What the document's keys say of the image: a drive, a format other than raw;
 * drives and flashes, that the guest can write to it. */
static void
read_uses(struct recipe *recipe, const struct document *document)
{
	const json_t *flash = json_object_get(document->root, "flash"), *drive;
	const char *id = recipe->image->id;
	size_t i;

	recipe->is_written = strcmp(json_text_at(flash, "vars"), id) == 0 ||
			     strcmp(json_text_at(flash, "disk"), id) == 0;
	json_array_foreach(json_object_get(document->root, "drives"), i, drive)
	{
		const char *text = json_text_at(drive, "format");

		if (strcmp(json_text_at(drive, "image"), id) != 0)
			continue;
		recipe->is_written = true;
		if (is_word(text) && strcmp(text, "raw") != 0)
			recipe->format = text;
	}
}

/* What is wrong with the fields, or NULL. */
static const char *
find_wrong(const struct recipe *recipe)
{
	int ways = (recipe->member != NULL) + recipe->decompress +
		   (recipe->convert != NULL);

	if (recipe->format != NULL && !is_word(recipe->format))
		return "format: expected a word of a-z, 0-9 and -";
	if (recipe->backing != NULL && !json_is_null(recipe->backing) &&
	    !is_paths(recipe->backing))
		return "backing: expected a path or an array of paths";
	if (recipe->convert != NULL && strcmp(recipe->convert, "raw") != 0)
		return "convert: expected \"raw\"";
	if (ways > 1)
		return "extract, decompress and convert exclude each other";
	if (ways > 0 && recipe->in_archive)
		return "path: in an archive, and to be extracted, "
		       "decompressed or converted";
	return NULL;
}

void
recipe_read(struct recipe *recipe, const struct document *document)
{
	struct reason why;
	char prefix[48];
	struct fields entry = {document, recipe->entry, prefix, &why, false};

	snprintf(prefix, sizeof(prefix), "images[%zu].", recipe->image->index);
	field_text(&entry, "extract", &recipe->member);
	field_bool(&entry, "decompress", &recipe->decompress);
	field_text(&entry, "convert", &recipe->convert);
	read_uses(recipe, document);
	field_text(&entry, "format", &recipe->format);
	image_claim_read(&recipe->claim, &entry);
	fatal_if(entry.failed, &why);
	recipe->backing = json_object_get(recipe->entry, "backing");
	const char *wrong = find_wrong(recipe);
	if (wrong != NULL)
		fatal("%s: %s%s", document->name, prefix, wrong);
}

/* O_NONBLOCK: opening what is no file must not wait for anybody. */
static int
open_file(const char *name)
{
	return open(name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

void
recipe_look(struct recipe *recipe)
{
	struct stat *st = &recipe->st;

	if (stat(recipe->file, st) < 0)
		fatal_errno(recipe->file);
	/* A FIFO is opened by who reads it, once: its writer notices. */
	if (S_ISFIFO(st->st_mode))
		return;
	int fd = open_file(recipe->file);
	if (fd < 0 || fstat(fd, st) < 0)
		fatal_errno(recipe->file);
	errno = EISDIR;
	if (S_ISDIR(st->st_mode))
		fatal_errno(recipe->file);
	if (!S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode))
		fatal("%s: not a file", recipe->file);
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < 0)
		fatal_errno(recipe->file);
	recipe->size = (uint64_t)size;
	recipe->is_file = true;
	close(fd);
}

static void
check_state(const struct recipe *recipe, const struct stat *now)
{
	/* The cache's entries are linked to, which changes their ctime, and are
	 * known by what is in them. */
	if (S_ISREG(recipe->st.st_mode) && recipe->cached == NULL &&
	    !file_state_same(now, &recipe->st))
		fatal("%s: changed while it was copied", recipe->file);
}

int
recipe_open_source(const struct recipe *recipe)
{
	int fd = S_ISFIFO(recipe->st.st_mode)
		     ? open(recipe->file, O_RDONLY | O_NOCTTY | O_CLOEXEC)
		     : open_file(recipe->file);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		fatal_errno(recipe->file);
	check_state(recipe, &st);
	return fd;
}

void
recipe_check_source(const struct recipe *recipe)
{
	struct stat st;

	if (recipe->file == NULL || !S_ISREG(recipe->st.st_mode))
		return;
	if (stat(recipe->file, &st) < 0)
		fatal_errno(recipe->file);
	check_state(recipe, &st);
}

bool
recipe_is_known(const struct recipe *recipe)
{
	return recipe->is_file && S_ISREG(recipe->st.st_mode) &&
	       (recipe->claim.sha256 != NULL ||
		   recipe->st.st_ctim.tv_nsec != 0);
}

void
recipe_check(const struct recipe *recipe, uint64_t max)
{
	const char *name =
	    recipe->image == NULL ? recipe->source : recipe->image->path;
	struct reason why;

	if (recipe->size > max)
		fatal("%s: %" PRIu64 " bytes, more than -M allows", name,
		    recipe->size);
	fatal_if(image_claim_check(&recipe->claim, name, recipe->size,
		     recipe->digest, &why) < 0,
	    &why);
}

/* Stores the paths that the entry names. Returns their number. */
static size_t
list_named(const json_t *backing, const char **named)
{
	size_t i, count = 0;
	json_t *path;

	if (json_is_string(backing))
		named[count++] = json_string_value(backing);
	json_array_foreach(backing, i, path) named[count++] =
	    json_string_value(path);
	return count;
}

bool
recipe_references(const struct recipe *recipe, int fd)
{
	char file[32];
	size_t most = json_array_size(recipe->backing) + 1;
	const char *format = recipe->format;
	struct reason name, why;
	bool backed = false;

	/* What is converted is looked at by its content. */
	if (recipe->convert == NULL &&
	    (format == NULL || strcmp(format, "raw") == 0))
		return false;
	/* What the caller calls it: a file, or a member of an archive. */
	reason_set(&name, "%s%s%s",
	    recipe->file == NULL ? "<stdin>" : recipe->file,
	    recipe->member == NULL ? "" : ": ",
	    recipe->member == NULL ? "" : recipe->member);
	snprintf(file, sizeof(file), "/proc/self/fd/%d", fd);
	const char **named = memory_got(calloc(most, sizeof(*named)));
	bool *used = memory_got(calloc(most, sizeof(*used)));
	size_t count = list_named(recipe->backing, named);
	fatal_if(backing_check(
		     file, name.text, format, named, count, used, &why) < 0,
	    &why);
	for (size_t i = 0; i < count; i++)
		backed |= used[i];
	free(named);
	free(used);
	return backed;
}

int
recipe_open(const struct staging *staging, const struct recipe *recipe)
{
	int fd = recipe->out->there ? openat(staging->dir, recipe->image->id,
					  O_RDWR | O_NOFOLLOW | O_CLOEXEC)
				    : whole_file_take(&recipe->out->whole);

	if (fd < 0)
		fatal_errno(recipe->path);
	return fd;
}

void
recipe_sum(const struct staging *staging, struct recipe *recipe)
{
	if (recipe->digest[0] != '\0' ||
	    (recipe->claim.sha256 == NULL && recipe->cache_key[0] == '\0'))
		return;
	int fd = recipe_open(staging, recipe);
	if (digest_file(fd, recipe->size, recipe->digest) < 0)
		fatal_errno(recipe->path);
	close(fd);
}
