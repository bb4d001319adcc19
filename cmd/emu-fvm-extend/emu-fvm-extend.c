/* Grows the FVM disk of a document, or one image file, as `fvm extend` does. */
#include "../fatal.h"
#include "duration.h"
#include "in_document.h"
#include "in_file.h"
#include "options.h"
#include "size.h"
#include "stdio_guard.h"
#include "usage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const int fatal_status = 1;

static const uint64_t botanist_length = 10000000000;

static const struct usage_option option_table[] = {
    {'I', NULL, "with -f: print the image's metadata as JSON"},
    {'d', "dir", "make private copies here (default: $EMU_SCRATCH)"},
    {'f', "image", "grow this file"},
    {'i', "images.json", "add the images of this manifest"},
    {'j', NULL, "print the report of -n or -v as JSON"},
    {'l', "size",
	"the new size (default: the document's storage, or 10000000000)"},
    {'n', NULL, "only report what would be done"},
    {'v', NULL, "report what was done"},
    {0},
};

static const struct usage usage = {
    .command = "emu-fvm-extend",
    .synopsis = "[-jnv] [-d dir] [-i images.json] [-l size] [document]\n"
		"       emu-fvm-extend -f image [-Ijnv] [-l size]",
    .options = option_table,
    .wrong = 2,
    .failed = 1,
};

static void
take_length(struct options *o, const char *value)
{
	if (size_parse(value, &o->length) < 0 || o->length == 0)
		exit(usage_wrong(&usage, stderr,
		    "-l: expected a size, such as 10000000000 or 16G"));
	o->length_given = true;
}

static void
take(struct options *o, int letter, char *argv[])
{
	switch (letter) {
	case 'd':
		o->directory = optarg;
		break;
	case 'f':
		o->image = optarg;
		break;
	case 'I':
		o->info = true;
		break;
	case 'i':
		o->manifest = optarg;
		break;
	case 'j':
		o->json = true;
		break;
	case 'l':
		take_length(o, optarg);
		break;
	case 'n':
		o->dry = true;
		break;
	case 'v':
		o->verbose = true;
		break;
	default:
		exit(usage_answer(&usage, letter, argv, stdout, stderr));
	}
}

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
	int letter;

	while ((letter = usage_next(&usage, argc, argv)) != -1)
		take(o, letter, argv);
	const char *wrong = check_operands(o, argc - optind);
	if (wrong != NULL)
		exit(usage_wrong(&usage, stderr, "%s", wrong));
	o->document = argv[optind];
	if (o->directory == NULL)
		o->directory = getenv("EMU_SCRATCH");
}

int
main(int argc, char *argv[])
{
	struct options o = {.length = botanist_length};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct reason why;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	parse(&o, argc, argv);
	/* A file that may not become so large is an error like any other. */
	sigaction(SIGXFSZ, &ignore, NULL);
	fatal_if(duration_scale(&o.scale, &why) < 0, &why);
	(o.image != NULL ? in_file : in_document)(&o);
	fatal_if(stdio_finish(&why) < 0, &why);
	return 0;
}
