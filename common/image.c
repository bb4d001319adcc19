#include "image.h"

#include "input.h"
#include "json_text.h"
#include "path.h"
#include "target.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const fuchsia_images[] = {
    "kernel_qemu-kernel",
    "zbi_zircon-a",
    "blk_storage-full",
    "fxfs-blk_storage-full",
    "blk_fxfs.fastboot",
};

static int
add_name(json_t *names, const char *name)
{
	return json_object_set_new(names, name, json_true());
}

/* The images that a guest fuchsia uses, botanist's and what keys of the
 * document name, as an object's keys; a new reference, or NULL when memory is
 * short. */
static json_t *
used_images(const json_t *root)
{
	static const char *const keys[] = {"kernel", "initrd", "dtb", "bios"};
	static const char *const parts[] = {"code", "vars", "disk"};
	const json_t *flash = json_object_get(root, "flash"), *drive;
	json_t *names = json_object();
	size_t i;
	int bad = 0;

	for (i = 0; i < sizeof(fuchsia_images) / sizeof(char *); i++)
		bad |= add_name(names, fuchsia_images[i]);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		bad |= add_name(names, json_text_at(root, keys[i]));
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		bad |= add_name(names, json_text_at(flash, parts[i]));
	json_array_foreach(json_object_get(root, "drives"), i, drive) bad |=
	    add_name(names, json_text_at(drive, "image"));
	if (bad == 0)
		return names;
	json_decref(names);
	return NULL;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

/* type_name becomes a file's name in the scratch directory. */
static void
check_id(struct fields *entry, const char *name, const char *id)
{
	const char *bad = NULL;

	if (name[0] == '\0')
		bad = "is empty";
	else if (strchr(id, '/') != NULL)
		bad = "has a slash";
	else if (has_control(id))
		bad = "has a control character";
	else if (strlen(id) > NAME_MAX)
		bad = "is too long for a file name";
	if (bad != NULL)
		field_refuse(entry, "name", "\"%s\" %s", name, bad);
}

/* Reads one entry; names are the used ones, NULL for all. Returns 1 when it is
 * used, 0 when not, -1 on error. */
static int
read_entry(const struct document *document, struct targets *targets,
    const char *target, const json_t *names, struct image *image,
    struct reason *why)
{
	const char *name = NULL, *cpu = NULL;
	char prefix[48];
	struct fields entry = {document, image->entry, prefix, why, false};

	snprintf(prefix, sizeof(prefix), "images[%zu].", image->index);
	if (!json_is_object(image->entry))
		return reason_set(why, "%s: images[%zu]: expected an object",
		    document->name, image->index);
	field_string(&entry, "name", &name);
	field_string(&entry, "type", &image->type);
	if (name == NULL || image->type == NULL)
		field_refuse(&entry, name == NULL ? "name" : "type", "missing");
	field_text(&entry, "cpu", &cpu);
	if (entry.failed)
		return -1;
	if (asprintf(&image->id, "%s_%s", image->type, name) < 0) {
		image->id = NULL;
		return reason_memory(why);
	}
	if (cpu != NULL && target != NULL &&
	    !targets_same(targets, cpu, target))
		return 0;
	if (names != NULL && json_object_get(names, image->id) == NULL)
		return 0;
	check_id(&entry, name, image->id);
	field_text(&entry, "path", &image->path);
	field_bool(&entry, "staged", &image->staged);
	return entry.failed ? -1 : 1;
}

/* Takes the entries into the list; seen and names are sets of names. */
static int
collect(const struct document *document, struct targets *targets,
    const char *target, json_t *entries, const json_t *names, json_t *seen,
    struct images *images, struct reason *why)
{
	size_t n = json_array_size(entries);

	images->list = calloc(n > 0 ? n : 1, sizeof(*images->list));
	if (images->list == NULL || seen == NULL)
		return reason_memory(why);
	for (size_t i = 0; i < n; i++) {
		struct image image = {
		    .entry = json_array_get(entries, i), .index = i};
		int used =
		    read_entry(document, targets, target, names, &image, why);

		if (used > 0 && json_object_get(seen, image.id) != NULL)
			used =
			    reason_set(why, "%s: images[%zu]: %s comes twice",
				document->name, i, image.id);
		if (used > 0) {
			json_object_set_new(seen, image.id, json_true());
			images->list[images->count++] = image;
		} else {
			free(image.id);
		}
		if (used < 0)
			return -1;
	}
	return 0;
}

int
images_collect(
    const struct document *document, struct images *images, struct reason *why)
{
	const char *guest = "fuchsia", *target = NULL;
	json_t *entries = NULL;
	struct targets targets = {0};
	struct fields root = {document, document->root, "", why, false};

	*images = (struct images){0};
	field_text(&root, "guest", &guest);
	field_array(&root, "images", &entries);
	field_text(&root, "target", &target);
	if (root.failed)
		return -1;
	json_t *seen = json_object();
	json_t *names = NULL;
	bool fuchsia = strcmp(guest, "fuchsia") == 0;
	if (fuchsia)
		names = used_images(document->root);
	int result = seen == NULL || (fuchsia && names == NULL)
			 ? reason_memory(why)
			 : collect(document, &targets, target, entries, names,
			       seen, images, why);
	targets_free(&targets);
	json_decref(names);
	json_decref(seen);
	return result;
}

void
images_free(struct images *images)
{
	for (size_t i = 0; i < images->count; i++)
		free(images->list[i].id);
	free(images->list);
	*images = (struct images){0};
}

struct image *
images_find(const struct images *images, const char *id)
{
	for (size_t i = 0; i < images->count; i++) {
		if (strcmp(images->list[i].id, id) == 0)
			return &images->list[i];
	}
	return NULL;
}

/* Returns a path joined to the directory, a list with its paths joined, or any
 * other value as it is, as a new reference; NULL when memory is short or a path
 * is not UTF-8. */
static json_t *
anchored(json_t *value, const char *directory)
{
	json_t *result, *member;
	size_t i;

	if (json_is_array(value)) {
		result = json_array();
		json_array_foreach(value, i, member)
		{
			if (json_array_append_new(
				result, anchored(member, directory)) == 0)
				continue;
			json_decref(result);
			return NULL;
		}
		return result;
	}
	if (json_string_length(value) == 0)
		return json_incref(value);
	char *path = path_absolute(directory, json_string_value(value));
	result = path == NULL ? NULL : json_string(path);
	free(path);
	return result;
}

/* Joins the paths of the images, and of what they rest on, to the directory.
 * Entries are not checked here: what the machine does not use passes through
 * unread. */
static int
anchor(json_t *entries, const char *name, const char *directory,
    struct reason *why)
{
	static const char *const keys[] = {"path", "backing"};
	size_t i;
	json_t *entry;

	json_array_foreach(entries, i, entry)
	{
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			json_t *value = json_object_get(entry, keys[k]);

			if (value != NULL &&
			    json_object_set_new(
				entry, keys[k], anchored(value, directory)) < 0)
				return reason_set(
				    why, "%s: [%zu].path: not UTF-8", name, i);
		}
	}
	return 0;
}

int
images_add_entries(struct document *document, json_t *entries, const char *name,
    const char *directory, struct reason *why)
{
	json_t *images = NULL;
	struct fields root = {document, document->root, "", why, false};

	field_array(&root, "images", &images);
	if (root.failed)
		return -1;
	if (!json_is_array(entries))
		return reason_set(why, "%s: expected an array of images", name);
	if (directory != NULL && anchor(entries, name, directory, why) < 0)
		return -1;
	int r = images == NULL
		    ? json_object_set(document->root, "images", entries)
		    : json_array_extend(images, entries);
	return r < 0 ? reason_memory(why) : 0;
}

int
images_add_parsed(struct document *document, json_t *entries, const char *file,
    struct reason *why)
{
	char *directory = path_directory(file);
	int result = directory == NULL ? reason_memory(why)
				       : images_add_entries(document, entries,
					     input_name(file), directory, why);

	free(directory);
	return result;
}

int
images_add_manifest(
    struct document *document, const char *file, struct reason *why)
{
	json_t *entries = document_parse_file(file, why);

	if (entries == NULL)
		return -1;
	int result = images_add_parsed(document, entries, file, why);
	json_decref(entries);
	return result;
}

static bool
is_digest(const char *text)
{
	return strspn(text, "0123456789abcdefABCDEF") == 64 && text[64] == '\0';
}

void
image_claim_read(struct image_claim *claim, struct fields *entry)
{
	*claim = (struct image_claim){.size = -1};
	field_text(entry, "sha256", &claim->sha256);
	field_integer(entry, "size", 0, INT64_MAX, &claim->size);
	if (claim->sha256 != NULL && !is_digest(claim->sha256))
		field_refuse(entry, "sha256", "expected 64 hexadecimal digits");
}

int
image_claim_check(const struct image_claim *claim, const char *name,
    uint64_t size, const char *digest, struct reason *why)
{
	if (claim->size >= 0 && (uint64_t)claim->size != size)
		return reason_set(why,
		    "%s: has %" PRIu64 " bytes, not the %" PRId64
		    " of its size",
		    name, size, claim->size);
	if (claim->sha256 != NULL && digest[0] != '\0' &&
	    strcasecmp(claim->sha256, digest) != 0)
		return reason_set(why, "%s: has sha256 %s, not %s", name,
		    digest, claim->sha256);
	return 0;
}
