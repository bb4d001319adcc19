#include "options.h"

#include "input.h"
#include "size.h"
#include "usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct usage_option letters[] = {
    {'M', "size", "refuse to make a larger file"},
    {'d', "dir", "put the files there (default: $EMU_SCRATCH)"},
    {'m', NULL, "print the archive's images.json first"},
    {'n', "name", "use this name for the archive in messages"},
    {'w', NULL, "read more members and names from descriptor 3"},
    {'z', NULL, "decompress the one file"},
    {0},
};

static const struct usage usage = {
    .command = "emu-unpack",
    .synopsis = "[-mw] [-d dir] [-M size] [-n name] archive|-\n"
		"                  [member[=name] ...]\n"
		"       emu-unpack -z [-d dir] [-M size] [-n name] file|- name",
    .options = letters,
    .wrong = 2,
    .failed = 1,
};

static void
take(struct options *options, int c, char *argv[])
{
	switch (c) {
	case 'd':
		options->directory = optarg;
		break;
	case 'M':
		if (size_parse(optarg, &options->max) < 0)
			exit(usage_wrong(
			    &usage, stderr, "-M: not a size: %s", optarg));
		break;
	case 'm':
		options->manifest = true;
		break;
	case 'n':
		options->name = optarg;
		break;
	case 'w':
		options->words = true;
		break;
	case 'z':
		options->decompress = true;
		break;
	default:
		exit(usage_answer(&usage, c, argv, stdout, stderr));
	}
}

/* What is wrong with the call, or NULL. */
static const char *
find_wrong(const struct options *options)
{
	if (options->decompress && (options->manifest || options->words))
		return "-m and -w are for archives";
	if (options->source == NULL)
		return "no archive";
	if (options->decompress && options->count != 1)
		return "-z makes one file";
	if (options->count == 0 && !options->words && !options->manifest)
		return "no member";
	return NULL;
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	int c;

	*options = (struct options){
	    .directory = getenv("EMU_SCRATCH"), .max = INT64_MAX};
	while ((c = usage_next(&usage, argc, argv)) != -1)
		take(options, c, argv);
	if (optind < argc) {
		options->source = argv[optind];
		options->operands = argv + optind + 1;
		options->count = (size_t)(argc - optind - 1);
		if (options->name == NULL)
			options->name = input_name(options->source);
	}
	const char *wrong = find_wrong(options);
	if (wrong != NULL)
		exit(usage_wrong(&usage, stderr, "%s", wrong));
}
