/* Grows the FVM disk of a document, or one image file, as `fvm extend` does. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "duration.h"
#include "in_document.h"
#include "in_file.h"
#include "options.h"
#include "size.h"
#include "stdio_guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const int fatal_status = 1;

static const uint64_t botanist_length = 10000000000;

static int
take_length(void *into, char letter, struct reason *why)
{
	struct options *o = into;

	(void)letter;
	if (size_parse(optarg, &o->length) < 0 || o->length == 0)
		return reason_set(
		    why, "expected a size, such as 10000000000 or 16G");
	o->length_given = true;
	return 0;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'I', NULL, "with -f: print the image's metadata as JSON", AT(info)},
    {'d', "dir", "make private copies here (default: $EMU_SCRATCH)",
	AT(directory)},
    {'f', "image", "grow this file", AT(image)},
    {'i', "images.json", "add the images of this manifest", AT(manifest)},
    {'j', NULL, "print the report of -n or -v as JSON", AT(json)},
    {'l', "size",
	"the new size (default: the document's storage, or 10000000000)",
	.take = take_length},
    {'n', NULL, "only report what would be done", AT(dry)},
    {'v', NULL, "report what was done", AT(verbose)},
    {0},
};

static const struct usage usage = {
    .command = "emu-fvm-extend",
    .synopsis = "[-jnv] [-d dir] [-i images.json] [-l size] [document]\n"
		"       emu-fvm-extend -f image [-Ijnv] [-l size]",
    .options = option_table,
};

/* What is wrong with the call, or NULL. */
static const char *
check_operands(const struct options *o, int count)
{
	if (count > 1)
		return "more than one document";
	if (o->image == NULL && o->info)
		return "-I needs -f";
	if (o->image != NULL && (o->manifest != NULL || o->directory != NULL))
		return "-f takes neither -d nor -i";
	if (o->image != NULL && count > 0)
		return "-f takes no document";
	return NULL;
}

static void
parse(struct options *o, int argc, char *argv[])
{
	usage_parse(&usage, argc, argv, o);
	const char *wrong = check_operands(o, argc - optind);
	if (wrong != NULL)
		usage_wrong(&usage, "%s", wrong);
	o->document = argv[optind];
	if (o->directory == NULL)
		o->directory = getenv("EMU_SCRATCH");
}

int
main(int argc, char *argv[])
{
	struct options o = {.length = botanist_length};
	struct reason why;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	parse(&o, argc, argv);
	fatal_if(duration_scale(&o.scale, &why) < 0, &why);
	(o.image != NULL ? in_file : in_document)(&o);
	fatal_if(stdio_finish(&why) < 0, &why);
	return 0;
}
