/* emu-doc: files to a document that boots them. It looks at what is in them;
 * their names say nothing. */
#include "document.h"
#include "image.h"
#include "machine.h"
#include "options.h"
#include "packed.h"
#include "plan.h"
#include "stdio_guard.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const targets[] = {"x64", "i386", "arm64", "arm", "riscv64"};

_Noreturn static void
usage(void)
{
	fputs("usage: emu-doc [-t target] [-m MiB] [-c cpus] [-a arg]... "
	      "file ...\n",
	    stderr);
	exit(2);
}

static long
count(char option, const char *text)
{
	char *end;

	errno = 0;
	long n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > INT_MAX) {
		warnx("-%c %s: expected a number from 1", option, text);
		usage();
	}
	return n;
}

static const char *
target(const char *text)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(targets[i], text) == 0)
			return targets[i];
	}
	warnx("-t %s: expected x64, i386, arm64, arm or riscv64", text);
	usage();
}

static void
parse(struct options *options, int argc, char *argv[])
{
	int c;

	*options = (struct options){0};
	options->args = calloc((size_t)argc, sizeof(char *));
	if (options->args == NULL)
		err(1, NULL);
	while ((c = getopt(argc, argv, "Va:c:m:t:")) != -1) {
		switch (c) {
		case 'V':
			puts("emu-doc " VERSION);
			exit(0);
		case 'a':
			options->args[options->arg_count++] = optarg;
			break;
		case 'c':
			options->cpus = count('c', optarg);
			break;
		case 'm':
			options->memory = count('m', optarg);
			break;
		case 't':
			options->target = target(optarg);
			break;
		default:
			usage();
		}
	}
	options->files = argv + optind;
	options->file_count = (size_t)(argc - optind);
	if (options->file_count == 0) {
		warnx("no file");
		usage();
	}
}

static int
look(struct file *file, const char *name, struct reason *why)
{
	struct source source;
	int result = -1;

	file->name = name;
	if (source_open(&source, name, why) < 0)
		return -1;
	kind_of(&source, &file->kind);
	const struct kind *kind = &file->kind;
	if (kind->class == KIND_PACKED &&
	    packed_look(&source, name, &file->kind, why) < 0)
		goto out;
	errno = source.error;
	if (source.error != 0)
		reason_errno(why, "%s", name);
	else if (source.size == 0)
		reason_set(why, "%s: empty", name);
	else if (kind->class == KIND_USELESS)
		reason_set(why, "%s: %s, nothing to boot", name, kind->what);
	else if (kind->wrong != NULL)
		reason_set(why, "%s: %s: %s", name, kind->what, kind->wrong);
	else
		result = 0;
out:
	source_close(&source);
	return result;
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
		else if (look(&file, kernel->path, why) == 0) {
			found = file.kind.target;
			if (found == NULL)
				reason_set(why, "%s: %s: for which target?",
				    kernel->path, file.kind.what);
		}
	}
	images_free(&images);
	return found;
}

/* images.json: Fuchsia's images, all of them. */
static int
from_manifest(struct document *document, const struct options *options,
    struct reason *why)
{
	document->root = json_object();
	if (options->file_count > 1)
		return reason_set(why, "%s: a manifest beside other files",
		    options->files[0]);
	document->name = options->files[0];
	json_t *root = document_parse_file(document, options->files[0], why);
	if (root == NULL)
		return -1;
	bool object = json_is_object(root);
	json_decref(root);
	if (object)
		return reason_set(why,
		    "%s: a document or some other JSON object; emu-run -c takes "
		    "a document",
		    options->files[0]);
	if (images_add_manifest(document, options->files[0], why) < 0)
		return -1;
	const char *name = options->target;
	if (name == NULL)
		name = manifest_target(document, why);
	return name == NULL
		   ? -1
		   : machine_fuchsia(document->root, name, options, why);
}

static int
make_document(struct document *document, const struct options *options,
    struct file *files, struct reason *why)
{
	struct plan plan;

	for (size_t i = 0; i < options->file_count; i++) {
		if (look(&files[i], options->files[i], why) < 0)
			return -1;
	}
	for (size_t i = 0; i < options->file_count; i++) {
		if (files[i].kind.class == KIND_JSON)
			return from_manifest(document, options, why);
	}
	if (plan_make(&plan, files, options->file_count, options, why) < 0)
		return -1;
	document->root = machine_document(&plan, options, why);
	if (document->root == NULL)
		return -1;
	if (plan.note[0] != '\0')
		warnx("%s", plan.note);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct document document = {0};
	struct reason why = {""};
	int status = 0;

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	parse(&options, argc, argv);
	struct file *files = calloc(options.file_count, sizeof(*files));
	if (files == NULL)
		err(1, NULL);
	if (make_document(&document, &options, files, &why) < 0 ||
	    document_write(&document, stdout, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		warnx("%s", why.text);
		status = 1;
	}
	document_free(&document);
	free(files);
	free(options.args);
	return status;
}
