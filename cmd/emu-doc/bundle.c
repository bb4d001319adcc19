#include "bundle.h"

#include "../fatal.h"
#include "../memory.h"
#include "json_text.h"
#include "path.h"
#include "value.h"
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

bool
bundle_is(const json_t *json)
{
	return json_is_string(json_object_get(json, "version")) &&
	       json_object_get(json, "system_a") != NULL;
}

/* Its path in the bundle; "": it has none. */
static const char *
find(const json_t *images, const struct part *part)
{
	size_t i;
	json_t *image;

	json_array_foreach(images, i, image)
	{
		if (strcmp(json_text_at(image, "type"), part->type) == 0 &&
		    strcmp(json_text_at(image, "name"), part->name) == 0 &&
		    json_text_at(image, "path")[0] != '\0')
			return json_text_at(image, "path");
	}
	return "";
}

/* The document's images. */
static json_t *
make_images(const struct file *file, const char *directory, struct reason *note)
{
	const json_t *images = json_object_get(file->json, "system_a");
	json_t *list = json_array();
	const char *before = "";

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct part *part = &parts[i];
		const char *path = find(images, part);

		if (path[0] == '\0' && part->needed)
			fatal("%s: system_a: no %s %s", file->name, part->type,
			    part->name);
		if (path[0] == '\0' || strcmp(part->as, before) == 0)
			continue;
		before = part->as;
		value_append(list,
		    json_pack("{s:s, s:s, s:o, s:s*}", "name", part->as, "type",
			part->type, "path", value_path(directory, path),
			"convert", part->sparse ? "raw" : NULL));
	}
	if (json_array_size(list) < 3)
		reason_set(note,
		    "%s: no disk: system_a has neither blk storage-full nor "
		    "blk fxfs.fastboot",
		    file->name);
	return list;
}

static void
check(const json_t *json, const char *name)
{
	const json_t *loaders = json_object_get(
	    json_object_get(json, "partitions"), "bootloader_partitions");
	const json_t *only = json_array_get(loaders, 0);

	if (strcmp(json_text_at(json, "version"), "2") != 0)
		fatal("%s: a product bundle of version %s; version 2 is known",
		    name, json_text_at(json, "version"));
	if (json_array_size(loaders) == 1 &&
	    strcmp(json_text_at(only, "type"), "efi-shell") == 0)
		fatal("%s: a product bundle whose disk UEFI starts: boot that "
		      "(uefi:%s)",
		    name, json_text_at(only, "image"));
}

json_t *
bundle_document(
    const struct file *file, const char *device, struct reason *note)
{
	const char *devices = json_text_at(file->json, "virtual_devices_path");
	char *relative = memory_got(path_directory(file->name));
	char *directory = path_absolute(NULL, relative);
	json_t *document = json_object();

	if (directory == NULL)
		fatal_errno(file->name);
	check(file->json, file->name);
	value_set(document, "images", make_images(file, directory, note));
	if (devices[0] != '\0') {
		char *manifest = memory_got(path_absolute(directory, devices));

		virtual_device_add(document, manifest, device, note);
		free(manifest);
	} else if (device != NULL) {
		fatal("-n %s: the bundle has no virtual devices", device);
	}
	free(directory);
	free(relative);
	return document;
}
