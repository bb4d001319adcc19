#include "options.h"

#include "../usage.h"
#include "input.h"

#include <stdlib.h>
#include <unistd.h>

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option letters[] = {
    {'M', "size", "refuse to make a larger file", AT(max), USAGE_SIZE},
    {'d', "dir", "put the files there (default: $EMU_SCRATCH)", AT(directory)},
    {'m', NULL, "print the archive's images.json first", AT(manifest)},
    {'n', "name", "use this name for the archive in messages", AT(name)},
    {'w', NULL, "read more members and names from descriptor 3", AT(words)},
    {'z', NULL, "decompress the one file", AT(decompress)},
    {0},
};

static const struct usage usage = {
    .command = "emu-unpack",
    .synopsis = "[-mw] [-d dir] [-M size] [-n name] archive|-\n"
		"                  [member[=name] ...]\n"
		"       emu-unpack -z [-d dir] [-M size] [-n name] file|- name",
    .options = letters,
};

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
	*options = (struct options){
	    .directory = getenv("EMU_SCRATCH"), .max = INT64_MAX};
	usage_parse(&usage, argc, argv, options);
	if (optind < argc) {
		options->source = argv[optind];
		options->operands = argv + optind + 1;
		options->count = (size_t)(argc - optind - 1);
		if (options->name == NULL)
			options->name = input_name(options->source);
	}
	const char *wrong = find_wrong(options);
	if (wrong != NULL)
		usage_wrong(&usage, "%s", wrong);
}
