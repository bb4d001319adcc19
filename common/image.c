#include "image.h"

#include "field.h"
#include "path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const fuchsia_images[] = {
    "kernel_qemu-kernel",
    "zbi_zircon-a",
    "blk_storage-full",
};

static int
out_of_memory(struct reason *why)
{
	return reason_set(why, "memory: Cannot allocate memory");
}

static bool
fuchsia_uses(const char *id)
{
	for (size_t i = 0; i < sizeof(fuchsia_images) / sizeof(char *); i++) {
		if (strcmp(id, fuchsia_images[i]) == 0)
			return true;
	}
	return false;
}

static bool
names(const json_t *object, const char *key, const char *id)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL && strcmp(text, id) == 0;
}

/* True when a key of the document names the image. */
static bool
is_named(const json_t *root, const char *id)
{
	static const char *const keys[] = {"kernel", "initrd", "dtb", "bios"};
	static const char *const flash[] = {"code", "vars", "disk"};
	const json_t *drives = json_object_get(root, "drives");
	bool found = false;

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		found |= names(root, keys[i], id);
	for (size_t i = 0; i < sizeof(flash) / sizeof(*flash); i++)
		found |= names(json_object_get(root, "flash"), flash[i], id);
	for (size_t i = 0; i < json_array_size(drives) && !found; i++)
		found = names(json_array_get(drives, i), "image", id);
	return found;
}

/* type_name becomes a file's name in the scratch directory. */
static int
check_id(const struct document *document, const struct image *image,
    struct reason *why)
{
	const char *name =
	    json_string_value(json_object_get(image->entry, "name"));
	const char *bad = NULL;

	if (name[0] == '\0')
		bad = "is empty";
	else if (strchr(image->id, '/') != NULL)
		bad = "has a slash";
	else if (strlen(image->id) > NAME_MAX)
		bad = "is too long for a file name";
	if (bad == NULL)
		return 0;
	return reason_set(why, "%s: images[%zu].name: \"%s\" %s",
	    document->name, image->index, name, bad);
}

/* Reads one entry. Returns 1 when it is used, 0 when not, -1 on error. */
static int
read_entry(const struct document *document, const char *target, bool fuchsia,
    struct image *image, struct reason *why)
{
	const char *name = NULL, *cpu = NULL;
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "images[%zu].", image->index);
	if (!json_is_object(image->entry))
		return reason_set(why, "%s: images[%zu]: expected an object",
		    document->name, image->index);
	if (field_string(document, image->entry, prefix, "name", &name, why) <
		0 ||
	    field_string(
		document, image->entry, prefix, "type", &image->type, why) < 0)
		return -1;
	if (name == NULL || image->type == NULL)
		return reason_set(why, "%s: %s%s: missing", document->name,
		    prefix, name == NULL ? "name" : "type");
	if (asprintf(&image->id, "%s_%s", image->type, name) < 0) {
		image->id = NULL;
		return out_of_memory(why);
	}
	if (field_text(document, image->entry, prefix, "cpu", &cpu, why) < 0)
		return -1;
	if (cpu != NULL && target != NULL && strcmp(cpu, target) != 0)
		return 0;
	if (fuchsia && !fuchsia_uses(image->id) &&
	    !is_named(document->root, image->id))
		return 0;
	if (check_id(document, image, why) < 0 ||
	    field_text(document, image->entry, prefix, "path", &image->path,
		why) < 0 ||
	    field_bool(document, image->entry, prefix, "staged", &image->staged,
		why) < 0)
		return -1;
	return 1;
}

static int
collect(const struct document *document, json_t *entries, struct images *images,
    struct reason *why)
{
	const char *guest = "fuchsia", *target = NULL;
	size_t n = json_array_size(entries);

	if (field_text(document, document->root, "", "guest", &guest, why) <
		0 ||
	    field_text(document, document->root, "", "target", &target, why) <
		0)
		return -1;
	images->list = calloc(n > 0 ? n : 1, sizeof(*images->list));
	if (images->list == NULL)
		return out_of_memory(why);
	for (size_t i = 0; i < n; i++) {
		struct image image = {
		    .entry = json_array_get(entries, i), .index = i};
		int used = read_entry(document, target,
		    strcmp(guest, "fuchsia") == 0, &image, why);

		if (used > 0 && images_find(images, image.id) != NULL)
			used =
			    reason_set(why, "%s: images[%zu]: %s comes twice",
				document->name, i, image.id);
		if (used > 0)
			images->list[images->count++] = image;
		else
			free(image.id);
		if (used < 0)
			return -1;
	}
	return 0;
}

int
images_collect(
    const struct document *document, struct images *images, struct reason *why)
{
	json_t *entries = NULL;

	*images = (struct images){0};
	if (field_array(document, document->root, "", "images", &entries, why) <
	    0)
		return -1;
	return collect(document, entries, images, why);
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

int
image_set_string(const struct image *image, const char *key, const char *value,
    struct reason *why)
{
	if (json_object_set_new(image->entry, key, json_string(value)) < 0)
		return reason_set(why, "%s: %s: not UTF-8", image->id, key);
	return 0;
}

/* Joins the paths of the manifest's entries to its directory. Entries are not
 * checked here: what the machine does not use passes through unread. */
static int
anchor(json_t *entries, const char *name, const char *directory,
    struct reason *why)
{
	size_t i;
	json_t *entry;

	json_array_foreach(entries, i, entry)
	{
		const char *path =
		    json_string_value(json_object_get(entry, "path"));

		if (path == NULL || path[0] == '\0')
			continue;
		char *absolute = path_absolute(directory, path);
		int r = absolute == NULL ? -1
					 : json_object_set_new(entry, "path",
					       json_string(absolute));
		free(absolute);
		if (r < 0)
			return reason_set(
			    why, "%s: [%zu].path: not UTF-8", name, i);
	}
	return 0;
}

int
images_add_entries(struct document *document, json_t *entries, const char *name,
    const char *directory, struct reason *why)
{
	json_t *images = NULL;

	if (field_array(document, document->root, "", "images", &images, why) <
	    0)
		return -1;
	if (!json_is_array(entries))
		return reason_set(why, "%s: expected an array of images", name);
	if (directory != NULL && anchor(entries, name, directory, why) < 0)
		return -1;
	int r = images == NULL
		    ? json_object_set(document->root, "images", entries)
		    : json_array_extend(images, entries);
	return r < 0 ? out_of_memory(why) : 0;
}

int
images_add_manifest(
    struct document *document, const char *file, struct reason *why)
{
	json_t *entries = document_parse_file(document, file, why);

	if (entries == NULL)
		return -1;
	char *directory = path_directory(file);
	int result = directory == NULL ? out_of_memory(why)
				       : images_add_entries(document, entries,
					     file, directory, why);
	free(directory);
	json_decref(entries);
	return result;
}
