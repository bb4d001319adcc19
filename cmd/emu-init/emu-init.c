/* emu-init: adds to a document an initrd, made on the spot, whose init runs a
 * command in the guest on the host's files. */
#include "../fatal.h"
#include "../json_memory.h"
#include "document.h"
#include "field.h"
#include "image.h"
#include "initrd.h"
#include "modules.h"
#include "options.h"
#include "stdio_guard.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const int fatal_status = 1;

/* What a document says of the machine that the command runs in. The strings are
 * borrowed from the document. */
struct kernel {
	const char *path;
	const char *target; /* of the machine */
	bool network;       /* the machine has a network device */
};

/* Finds the kernel, and that no image is in the way. */
static void
find_kernel(const struct document *document, struct kernel *kernel)
{
	struct images images;
	struct reason why;

	fatal_if(images_collect(document, &images, &why) < 0, &why);
	for (size_t i = 0; i < images.count; i++) {
		const struct image *image = &images.list[i];

		if (strcmp(image->type, "initrd") == 0)
			fatal("%s: images[%zu]: an initrd, whose place the one "
			      "of the command takes",
			    document->name, image->index);
		if (strcmp(image->type, "kernel") == 0)
			kernel->path = image->path;
	}
	images_free(&images);
	if (kernel->path == NULL)
		fatal("%s: no kernel to run the command in", document->name);
}

static void
read_kernel(const struct document *document, struct kernel *kernel)
{
	const char *guest = "fuchsia";
	json_t *netdevs = NULL;
	struct reason why;
	struct fields root = {document, document->root, "", &why, false};

	*kernel = (struct kernel){NULL, NULL, false};
	field_string(&root, "guest", &guest);
	field_string(&root, "target", &kernel->target);
	field_bool(&root, "user_networking", &kernel->network);
	field_array(&root, "netdevs", &netdevs);
	fatal_if(root.failed, &why);
	kernel->network |= json_array_size(netdevs) > 0;
	if (strcmp(guest, "linux") != 0)
		fatal("%s: guest: \"%s\": a command runs in a Linux kernel",
		    document->name, guest);
	if (kernel->target == NULL)
		fatal("%s: target: missing", document->name);
	find_kernel(document, kernel);
}

/* Adds the value to the array of that key, which is made when there is none.
 * Steals the reference to the value, which is NULL when its path is not UTF-8.
 */
static void
append(const struct document *document, const char *key, const char *path,
    json_t *value)
{
	json_t *list = json_object_get(document->root, key);

	if (value == NULL)
		fatal("%s: not UTF-8", path);
	if (!json_is_array(list)) {
		list = json_array();
		if (json_object_set_new(document->root, key, list) < 0)
			fatal_memory();
	}
	if (json_array_append_new(list, value) < 0)
		fatal_memory();
}

/* Adds the initrd, the shares and the ports of the command. */
static void
extend(const struct document *document, const char *initrd,
    const struct options *options)
{
	char tag[32];

	/* emu-stage need not copy what is private already. */
	append(document, "images", initrd,
	    json_pack("{s:s, s:s, s:s, s:b}", "name", "emu-init", "type",
		"initrd", "path", initrd, "staged", 1));
	append(document, "shares", options->root,
	    json_pack("{s:s, s:s, s:b, s:s}", "path", options->root, "tag",
		"emu-root", "readonly", 1, "driver", options->driver));
	for (size_t i = 0; i < options->bind_count; i++) {
		snprintf(tag, sizeof(tag), "emu-bind%zu", i);
		append(document, "shares", options->binds[i],
		    json_pack("{s:s, s:s, s:b}", "path", options->binds[i],
			"tag", tag, "readonly", 0));
	}
	if (json_object_set_new(document->root, "command_ports", json_true()) <
	    0)
		fatal_memory();
}

int
main(int argc, char *argv[])
{
	struct new_files files = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct options options;
	struct document document;
	struct kernel kernel;
	struct modules modules;
	struct reason why;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	options_parse(&options, argc, argv);
	fatal_if(document_read(&document, options.document, &why) < 0, &why);
	read_kernel(&document, &kernel);
	modules_find(&modules, &options, kernel.path, kernel.network);
	new_files_guard(&files);
	const char *initrd =
	    initrd_make(&options, kernel.target, &modules, &files);
	extend(&document, initrd, &options);
	new_files_commit(&files);
	fatal_if(document_write(&document, stdout, &why) < 0 ||
		     stdio_finish(&why) < 0,
	    &why);
	new_files_keep(&files);
	/* What is in use by now lasts until here. */
	exit(0);
}
