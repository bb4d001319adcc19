/* Grows the FVM disk of a document, or one image file, as `fvm extend` does. */
#include "duration.h"
#include "in_document.h"
#include "in_file.h"
#include "options.h"
#include "size.h"
#include "stdio_guard.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint64_t botanist_length = 10000000000;

static _Noreturn void
usage(void)
{
	fputs("usage: emu-fvm-extend [-jnv] [-d dir] [-i images.json] "
	      "[-l size] [document]\n"
	      "       emu-fvm-extend -f image [-Ijnv] [-l size]\n",
	    stderr);
	exit(2);
}

static _Noreturn void
misused(const char *what)
{
	warnx("%s", what);
	usage();
}

static void
take(struct options *o, int letter, const char *value)
{
	struct reason why = {""};

	switch (letter) {
	case 'd':
		o->directory = value;
		break;
	case 'f':
		o->image = value;
		break;
	case 'I':
		o->info = true;
		break;
	case 'i':
		o->manifest = value;
		break;
	case 'j':
		o->json = true;
		break;
	case 'l':
		if (size_parse(value, &o->length) < 0 || o->length == 0)
			misused("-l: expected a size, such as 10000000000 or "
				"16G");
		o->length_given = true;
		break;
	case 'n':
		o->dry = true;
		break;
	case 'V':
		if (stdio_line("emu-fvm-extend " VERSION, &why) < 0)
			errx(1, "%s", why.text);
		exit(0);
	case 'v':
		o->verbose = true;
		break;
	default:
		usage();
	}
}

static void
check_operands(struct options *o, int argc, char *argv[])
{
	if (argc > 1)
		misused("more than one document");
	o->document = argv[0];
	if (o->image == NULL && o->info)
		misused("-I needs -f");
	if (o->image != NULL && (o->manifest != NULL || o->directory != NULL))
		misused("-f takes neither -d nor -i");
	if (o->image != NULL && argc > 0)
		misused("-f takes no document");
}

int
main(int argc, char *argv[])
{
	struct options o = {.length = botanist_length};
	struct reason why = {""};
	int letter;

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	while ((letter = getopt(argc, argv, "d:f:Ii:jl:nVv")) != -1)
		take(&o, letter, optarg);
	check_operands(&o, argc - optind, argv + optind);
	if (duration_scale(&o.scale, &why) < 0)
		errx(1, "%s", why.text);
	if (o.directory == NULL)
		o.directory = getenv("EMU_SCRATCH");
	if ((o.image != NULL ? in_file : in_document)(&o, &why) < 0 ||
	    stdio_finish(&why) < 0)
		errx(1, "%s", why.text);
	return 0;
}
