#include "json_files.h"

#include "../fatal.h"
#include "bundle.h"
#include "image.h"
#include "input.h"
#include "machine.h"
#include "value.h"

#include <stdbool.h>

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
manifest_target(const struct document *document, const struct targets *targets)
{
	struct images images;
	struct file file = {0};
	struct reason why;

	fatal_if(images_collect(document, &images, &why) < 0, &why);
	const struct image *kernel = images_find(&images, "kernel_qemu-kernel");
	if (kernel == NULL || kernel->path == NULL)
		fatal("%s: no kernel_qemu-kernel", document->name);
	file_look(&file, kernel->path, targets);
	if (file_is_useless(&file))
		file_refuse(&file);
	if (file.kind.target == NULL)
		fatal(
		    "%s: %s: for which target?", kernel->path, file.kind.what);
	file_free(&file);
	images_free(&images);
	return file.kind.target;
}

static void
from_manifest(struct document *document, const struct file *file,
    const struct options *options)
{
	const struct target *target = options->target;
	struct reason why;

	*document = (struct document){json_object(), input_name(file->name)};
	fatal_if(
	    images_add_parsed(document, file->json, document->name, &why) < 0,
	    &why);
	if (target == NULL)
		target = manifest_target(document, &options->targets);
	machine_fuchsia(document->root, target);
}

/* What is nothing that a machine starts from may be an archive of images. */
static void
add_archive(struct document *document, const struct file *file)
{
	if (!file_is_useless(file) && file->kind.class != KIND_UNKNOWN)
		fatal("%s: %s beside a document (%s), which names its files",
		    file->name, file->kind.what, document->name);
	if (json_object_get(document->root, "archive") != NULL)
		fatal("%s: a second archive", file->name);
	value_set(document->root, "archive", value_path(NULL, file->name));
}

static void
from_document(struct document *document, const struct file *files, size_t count,
    struct file *own)
{
	json_t *json = own->json;
	struct reason why;

	own->json = NULL;
	fatal_if(document_take(document, input_name(own->name), json, &why) < 0,
	    &why);
	for (size_t i = 0; i < count; i++) {
		if (&files[i] == own)
			continue;
		if (files[i].kind.class != KIND_JSON)
			add_archive(document, &files[i]);
		else if (images_add_parsed(
			     document, files[i].json, files[i].name, &why) < 0)
			fatal("%s", why.text);
	}
}

void
json_files_read(struct document *document, struct file *files, size_t count,
    const struct options *options, struct reason *note)
{
	struct file *own = NULL;
	const struct file *manifest = files; /* of at least one */

	for (size_t i = 0; i < count; i++) {
		struct file *file = &files[i];

		if (file->kind.class != KIND_JSON)
			continue;
		if (bundle_is(file->json)) {
			if (count > 1)
				fatal("%s: a product bundle beside other files",
				    file->name);
			*document = (struct document){
			    bundle_document(file, options, note), file->name};
			return;
		}
		if (is_manifest(file->json)) {
			manifest = file;
			continue;
		}
		if (own != NULL)
			fatal("%s: a second document beside %s", file->name,
			    input_name(own->name));
		own = file;
	}
	if (own != NULL)
		from_document(document, files, count, own);
	else if (count > 1)
		fatal("%s: a manifest beside other files", manifest->name);
	else
		from_manifest(document, manifest, options);
}
