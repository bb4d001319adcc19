#include "options.h"

#include "size.h"
#include "usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct usage_option letters[] = {
    {'C', "size",
	"limit the cache to this size; remove the least recently used"},
    {'c', "cache", "keep extracted files in this directory for later runs"},
    {'d', "dir", "put the images there (default: $EMU_SCRATCH)"},
    {'i', "images.json", "add the images of this manifest"},
    {'I', "zbi", "list the items of a ZBI as JSON"},
    {'L', NULL, "link images that the guest only reads"},
    {'M', "size", "refuse a larger image"},
    {'o', NULL, "make overlays on the user's files in place of copies"},
    {'v', NULL, "report how each image was made"},
    {'x', "archive", "extract the images from an archive (-: stdin)"},
    {0},
};

static const struct usage usage = {
    .command = "emu-stage",
    .synopsis = "[-Lov] [-c cache [-C size]] [-d dir] [-i images.json]\n"
		"                 [-M size] [-x archive] [document]\n"
		"       emu-stage -I zbi",
    .options = letters,
    .wrong = 2,
    .failed = 1,
};

static void
parse_size(const char *text, char letter, uint64_t *size)
{
	if (size_parse(text, size) < 0)
		exit(usage_wrong(
		    &usage, stderr, "-%c: not a size: %s", letter, text));
}

static void
parse_letter(struct options *options, int c, char *argv[])
{
	switch (c) {
	case 'C':
		parse_size(optarg, 'C', &options->cache_max);
		break;
	case 'c':
		options->cache = optarg;
		break;
	case 'd':
		options->directory = optarg;
		break;
	case 'I':
		options->zbi = optarg;
		break;
	case 'i':
		options->manifest = optarg;
		break;
	case 'L':
		options->link = true;
		break;
	case 'M':
		parse_size(optarg, 'M', &options->max);
		break;
	case 'o':
		options->overlay = true;
		break;
	case 'v':
		options->verbose = true;
		break;
	case 'x':
		options->archive = optarg;
		break;
	default:
		exit(usage_answer(&usage, c, argv, stdout, stderr));
	}
}

static bool
is_stdin(const char *name)
{
	return name != NULL && strcmp(name, "-") == 0;
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	const char *cache = getenv("EMU_CACHE");
	int c;

	*options = (struct options){.directory = getenv("EMU_SCRATCH"),
	    .cache = cache != NULL && cache[0] != '\0' ? cache : NULL,
	    .cache_max = UINT64_MAX,
	    .max = INT64_MAX};
	while ((c = usage_next(&usage, argc, argv)) != -1)
		parse_letter(options, c, argv);
	if (options->cache_max != UINT64_MAX && options->cache == NULL)
		exit(usage_wrong(&usage, stderr, "-C: without -c"));
	if (argc - optind > 1)
		exit(usage_wrong(
		    &usage, stderr, "%s: one document only", argv[optind + 1]));
	options->document = argv[optind];
	int inputs =
	    (options->document == NULL || is_stdin(options->document)) +
	    is_stdin(options->manifest) + is_stdin(options->archive);
	options->reads_stdin = inputs > 0;
	if (inputs > 1)
		exit(usage_wrong(
		    &usage, stderr, "standard input has one use only"));
}
