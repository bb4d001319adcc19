#include "bundle.h"

#include "machine.h"
#include "path.h"
#include "virtual_device.h"

#include <stdlib.h>
#include <string.h>

/* What a machine takes of a bundle's images, and what documents call it. Of two
 * with one name there the first that the bundle has is taken. */
static const struct part {
	const char *type, *name; /* in the bundle */
	const char *as;          /* in the document */
	bool needed, sparse;
} parts[] = {
    {"kernel", "qemu-kernel", "qemu-kernel", true, false},
    {"zbi", "zircon-a", "zircon-a", true, false},
    {"blk", "storage-full", "storage-full", false, false},
    {"blk", "fxfs.fastboot", "storage-full", false, true},
};

static const char *
text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value == NULL ? "" : value;
}

bool
bundle_is(const json_t *json)
{
	return json_is_string(json_object_get(json, "version")) &&
	       json_object_get(json, "system_a") != NULL;
}

/* Its path in the bundle, or NULL. */
static const char *
find(const json_t *images, const struct part *part)
{
	size_t i;
	json_t *image;

	json_array_foreach(images, i, image)
	{
		if (strcmp(text(image, "type"), part->type) == 0 &&
		    strcmp(text(image, "name"), part->name) == 0 &&
		    text(image, "path")[0] != '\0')
			return text(image, "path");
	}
	return NULL;
}

static int
add_part(json_t *list, const struct part *part, const char *directory,
    const char *path, struct reason *why)
{
	char *absolute = path_absolute(directory, path);
	json_t *image = absolute == NULL
			    ? NULL
			    : json_pack("{s:s, s:s, s:s}", "name", part->as,
				  "type", part->type, "path", absolute);

	free(absolute);
	if (part->sparse &&
	    json_object_set_new(image, "convert", json_string("raw")) < 0) {
		json_decref(image);
		return reason_memory(why);
	}
	return json_array_append_new(list, image) < 0 ? reason_memory(why) : 0;
}

/* The document's images. */
static int
add_images(struct document *document, const json_t *images,
    const char *directory, struct reason *note, struct reason *why)
{
	json_t *list = json_array();
	const char *before = "";

	if (json_object_set_new(document->root, "images", list) < 0)
		return reason_memory(why);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const char *path = find(images, &parts[i]);

		if (path == NULL && parts[i].needed)
			return reason_set(why, "%s: system_a: no %s %s",
			    document->name, parts[i].type, parts[i].name);
		if (path == NULL || strcmp(parts[i].as, before) == 0)
			continue;
		before = parts[i].as;
		if (add_part(list, &parts[i], directory, path, why) < 0)
			return -1;
	}
	if (json_array_size(list) < 3)
		reason_set(note,
		    "%s: no disk: system_a has neither blk storage-full nor "
		    "blk fxfs.fastboot",
		    document->name);
	return 0;
}

/* The target is the virtual device's, or else the kernel's. */
static int
add_target(struct document *document, const struct options *options,
    const struct target *target, const char *kernel, struct reason *why)
{
	struct file file = {0};

	if (target == NULL) {
		int result = file_look(&file, kernel, &options->targets, why);
		target = result == 0 ? file.kind.target : NULL;
		file_free(&file);
		if (result < 0)
			return -1;
	}
	if (target == NULL)
		return reason_set(why, "%s: for which target? (-A)", kernel);
	return machine_fuchsia(document, target, why);
}

static int
check(const json_t *json, const char *name, struct reason *why)
{
	const json_t *loaders = json_object_get(
	    json_object_get(json, "partitions"), "bootloader_partitions");
	const json_t *only = json_array_get(loaders, 0);

	if (strcmp(text(json, "version"), "2") != 0)
		return reason_set(why,
		    "%s: a product bundle of version %s; version 2 is known",
		    name, text(json, "version"));
	if (json_array_size(loaders) == 1 &&
	    strcmp(text(only, "type"), "efi-shell") == 0)
		return reason_set(why,
		    "%s: a product bundle whose disk UEFI starts: boot that "
		    "(uefi:%s)",
		    name, text(only, "image"));
	return 0;
}

int
bundle_read(struct document *document, const struct file *file,
    const struct options *options, struct reason *note, struct reason *why)
{
	const json_t *json = file->json;
	char *directory = path_directory(file->name), *absolute = NULL;
	struct virtual_device device = {0};
	int result = -1;

	*document = (struct document){json_object(), file->name};
	if (directory != NULL)
		absolute = path_absolute(NULL, directory);
	if (absolute == NULL)
		reason_errno(why, "%s", file->name);
	else if (check(json, file->name, why) == 0 &&
		 add_images(document, json_object_get(json, "system_a"),
		     absolute, note, why) == 0 &&
		 virtual_device_find(&device, directory,
		     text(json, "virtual_devices_path"), options->device,
		     why) == 0)
		result = 0;
	if (result == 0) {
		const json_t *kernel = json_array_get(
		    json_object_get(document->root, "images"), 0);
		const struct target *target =
		    options->target != NULL
			? options->target
			: virtual_device_target(&device, &options->targets);

		result = add_target(
		    document, options, target, text(kernel, "path"), why);
	}
	if (result == 0)
		result = virtual_device_add(&device, document, note, why);
	virtual_device_free(&device);
	free(directory);
	free(absolute);
	return result;
}
