#include "json_files.h"

#include "bundle.h"
#include "image.h"
#include "input.h"
#include "machine.h"
#include "path.h"

#include <stdbool.h>
#include <stdlib.h>

/* A manifest is an array of images; an array of a machine is botanist's
 * configuration. */
static bool
is_manifest(const json_t *json)
{
	return json_is_array(json) &&
	       json_object_get(json_array_get(json, 0), "target") == NULL;
}

/* The target of a manifest's machine is that of its kernel. */
static const struct target *
manifest_target(const struct document *document, const struct targets *targets,
    struct reason *why)
{
	const struct target *found = NULL;
	struct images images;

	if (images_collect(document, &images, why) == 0) {
		const struct image *kernel =
		    images_find(&images, "kernel_qemu-kernel");
		struct file file = {0};

		if (kernel == NULL || kernel->path == NULL)
			reason_set(
			    why, "%s: no kernel_qemu-kernel", document->name);
		else if (file_look(&file, kernel->path, targets, why) < 0)
			file_free(&file);
		else if (file.useless)
			reason_set(why, "%s", file.refusal.text);
		else {
			found = file.kind.target;
			if (found == NULL)
				reason_set(why, "%s: %s: for which target?",
				    kernel->path, file.kind.what);
		}
	}
	images_free(&images);
	return found;
}

static int
from_manifest(struct document *document, const struct file *file,
    const struct options *options, struct reason *why)
{
	*document = (struct document){json_object(), input_name(file->name)};
	if (images_add_parsed(
		document, file->json, input_name(file->name), why) < 0)
		return -1;
	const struct target *target = options->target;
	if (target == NULL)
		target = manifest_target(document, &options->targets, why);
	return target == NULL ? -1 : machine_fuchsia(document, target, why);
}

/* What is nothing that a machine starts from may be an archive of images. */
static int
add_archive(struct document *document, const struct file *file,
    const struct file *own, struct reason *why)
{
	if (!file->useless && file->kind.class != KIND_UNKNOWN)
		return reason_set(why,
		    "%s: %s beside a document (%s), which names its files",
		    file->name, file->kind.what, input_name(own->name));
	if (json_object_get(document->root, "archive") != NULL)
		return reason_set(why, "%s: a second archive", file->name);
	char *path = path_absolute(NULL, file->name);
	if (path == NULL)
		return reason_memory(why);
	int result =
	    json_object_set_new(document->root, "archive", json_string(path));
	free(path);
	return result < 0 ? reason_set(why,
				"%s: its path is not UTF-8, as a document "
				"has to be",
				file->name)
			  : 0;
}

static int
add_others(struct document *document, const struct file *files, size_t count,
    const struct file *own, struct reason *why)
{
	for (size_t i = 0; i < count; i++) {
		if (&files[i] == own)
			continue;
		int result = files[i].kind.class == KIND_JSON
				 ? images_add_parsed(document, files[i].json,
				       files[i].name, why)
				 : add_archive(document, &files[i], own, why);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int
from_bundle(struct document *document, const struct file *file, size_t count,
    const struct options *options, struct reason *note, struct reason *why)
{
	if (count > 1)
		return reason_set(
		    why, "%s: a product bundle beside other files", file->name);
	return bundle_read(document, file, options, note, why);
}

int
json_files_read(struct document *document, struct file *files, size_t count,
    const struct options *options, struct reason *note, struct reason *why)
{
	struct file *own = NULL;
	const struct file *manifest = files; /* of at least one */

	for (size_t i = 0; i < count; i++) {
		if (files[i].kind.class != KIND_JSON)
			continue;
		if (bundle_is(files[i].json))
			return from_bundle(
			    document, &files[i], count, options, note, why);
		if (is_manifest(files[i].json)) {
			manifest = &files[i];
			continue;
		}
		if (own != NULL)
			return reason_set(why,
			    "%s: a second document beside %s", files[i].name,
			    input_name(own->name));
		own = &files[i];
	}
	if (own == NULL && count > 1)
		return reason_set(
		    why, "%s: a manifest beside other files", manifest->name);
	if (own == NULL)
		return from_manifest(document, manifest, options, why);
	json_t *json = own->json;
	own->json = NULL;
	if (document_take(document, input_name(own->name), json, why) < 0)
		return -1;
	return add_others(document, files, count, own, why);
}
