#include "json_files.h"

#include "image.h"
#include "machine.h"

#include <string.h>

/* A manifest is an array of images; an array of a machine is botanist's
 * configuration. Returns 1 or 0, or -1 with the reason. */
static int
is_manifest(const struct file *file, struct reason *why)
{
	if (strcmp(file->name, "-") == 0)
		return 0;
	json_t *root = document_parse_file(file->name, why);
	if (root == NULL)
		return -1;
	const json_t *first = json_array_get(root, 0);
	bool manifest =
	    json_is_array(root) && json_object_get(first, "target") == NULL;
	json_decref(root);
	return manifest;
}

/* The target of a manifest's machine is that of its kernel. */
static const char *
manifest_target(const struct document *document, struct reason *why)
{
	const char *found = NULL;
	struct images images;

	if (images_collect(document, &images, why) == 0) {
		const struct image *kernel =
		    images_find(&images, "kernel_qemu-kernel");
		struct file file = {0};

		if (kernel == NULL || kernel->path == NULL)
			reason_set(
			    why, "%s: no kernel_qemu-kernel", document->name);
		else if (file_look(&file, kernel->path, why) == 0) {
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
from_manifest(struct document *document, const char *name,
    const struct options *options, struct reason *why)
{
	*document = (struct document){json_object(), name};
	if (images_add_manifest(document, name, why) < 0)
		return -1;
	const char *target = options->target;
	if (target == NULL)
		target = manifest_target(document, why);
	return target == NULL ? -1 : machine_fuchsia(document, target, why);
}

static int
add_manifests(struct document *document, const struct file *files, size_t count,
    const struct file *own, struct reason *why)
{
	for (size_t i = 0; i < count; i++) {
		if (&files[i] == own)
			continue;
		if (files[i].kind.class != KIND_JSON)
			return reason_set(why,
			    "%s: %s beside a document (%s), which names its "
			    "files",
			    files[i].name, files[i].kind.what, own->name);
		if (images_add_manifest(document, files[i].name, why) < 0)
			return -1;
	}
	return 0;
}

int
json_files_read(struct document *document, const struct file *files,
    size_t count, const struct options *options, struct reason *why)
{
	const struct file *own = NULL, *manifest = NULL;

	for (size_t i = 0; i < count; i++) {
		int r = files[i].kind.class == KIND_JSON
			    ? is_manifest(&files[i], why)
			    : 1;

		if (r < 0)
			return -1;
		if (r == 0 && own != NULL)
			return reason_set(why,
			    "%s: a second document beside %s", files[i].name,
			    own->name);
		if (r == 0)
			own = &files[i];
		else if (files[i].kind.class == KIND_JSON)
			manifest = &files[i];
	}
	if (own == NULL && count > 1)
		return reason_set(
		    why, "%s: a manifest beside other files", manifest->name);
	if (own == NULL)
		return from_manifest(document, manifest->name, options, why);
	if (document_read(document, own->name, why) < 0)
		return -1;
	return add_manifests(document, files, count, own, why);
}
