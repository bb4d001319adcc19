#include "json_files.h"

#include "../fatal.h"
#include "bundle.h"
#include "image.h"
#include "input.h"
#include "json_text.h"
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

static const struct target *
kernel_target(const struct document *document, const struct targets *targets)
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
		fatal("%s: %s: for which target? (-A)", kernel->path,
		    file.kind.what);
	file_free(&file);
	images_free(&images);
	return file.kind.target;
}

/* Completes the machine of a manifest or of a bundle. Its target is the user's,
 * the virtual device's or the kernel's. */
static void
complete(struct document *document, const struct options *options)
{
	const struct target *target = options->target;

	if (target == NULL)
		target = targets_named(
		    &options->targets, json_text_at(document->root, "target"));
	if (target == NULL)
		target = kernel_target(document, &options->targets);
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
	const struct file *whole = files; /* a bundle, or else a manifest */
	bool bundle = false;
	struct reason why;

	for (struct file *file = files; file < files + count; file++) {
		if (file->kind.class != KIND_JSON || bundle)
			continue;
		bundle = bundle_is(file->json);
		if (bundle || is_manifest(file->json)) {
			whole = file;
			continue;
		}
		if (own != NULL)
			fatal("%s: a second document beside %s", file->name,
			    input_name(own->name));
		own = file;
	}
	if (own != NULL && !bundle) {
		from_document(document, files, count, own);
		return;
	}
	if (count > 1)
		fatal("%s: a %s beside other files", whole->name,
		    bundle ? "product bundle" : "manifest");
	*document = (struct document){
	    bundle ? bundle_document(whole, options->device, note)
		   : json_object(),
	    input_name(whole->name)};
	fatal_if(!bundle && images_add_parsed(document, whole->json,
				document->name, &why) < 0,
	    &why);
	complete(document, options);
}
