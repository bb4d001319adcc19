#include "options.h"

#include "../usage.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option letters[] = {
    {'C', "size",
	"limit the cache to this size; remove the least recently used",
	AT(cache_max), USAGE_SIZE},
    {'c', "cache", "keep extracted files in this directory for later runs",
	AT(cache)},
    {'d', "dir", "put the images there (default: $EMU_SCRATCH)", AT(directory)},
    {'i', "images.json", "add the images of this manifest", AT(manifest)},
    {'I', "zbi", "list the items of a ZBI as JSON", AT(zbi)},
    {'L', NULL, "link images that the guest only reads", AT(link)},
    {'M', "size", "refuse a larger image", AT(max), USAGE_SIZE},
    {'o', NULL, "make overlays on the user's files in place of copies",
	AT(overlay)},
    {'v', NULL, "report how each image was made", AT(verbose)},
    {'x', "archive", "extract the images from an archive (-: stdin)",
	AT(archive)},
    {0},
};

static const struct usage usage = {
    .command = "emu-stage",
    .synopsis = "[-Lov] [-c cache [-C size]] [-d dir] [-i images.json]\n"
		"                 [-M size] [-x archive] [document]\n"
		"       emu-stage -I zbi",
    .options = letters,
};

static bool
is_stdin(const char *name)
{
	return name != NULL && strcmp(name, "-") == 0;
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	const char *cache = getenv("EMU_CACHE");

	*options = (struct options){.directory = getenv("EMU_SCRATCH"),
	    .cache = cache != NULL && cache[0] != '\0' ? cache : NULL,
	    .cache_max = UINT64_MAX,
	    .max = INT64_MAX};
	usage_parse(&usage, argc, argv, options);
	if (options->cache_max != UINT64_MAX && options->cache == NULL)
		usage_wrong(&usage, "-C: without -c");
	if (argc - optind > 1)
		usage_wrong(&usage, "%s: one document only", argv[optind + 1]);
	options->document = argv[optind];
	int inputs =
	    (options->document == NULL || is_stdin(options->document)) +
	    is_stdin(options->manifest) + is_stdin(options->archive);
	options->reads_stdin = inputs > 0;
	if (inputs > 1)
		usage_wrong(&usage, "standard input has one use only");
}
