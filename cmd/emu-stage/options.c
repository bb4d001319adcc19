#include "options.h"

#include "size.h"
#include "stdio_guard.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void
usage(void)
{
	fputs("usage: emu-stage [-Lov] [-c cache [-C size]] [-d dir] "
	      "[-i images.json]\n"
	      "                 [-M size] [-x archive] [document]\n",
	    stderr);
	exit(2);
}

static void
parse_size(const char *text, char letter, uint64_t *size)
{
	if (size_parse(text, size) == 0)
		return;
	warnx("-%c: not a size: %s", letter, text);
	usage();
}

static void
parse_letter(struct options *options, int c)
{
	struct reason why = {""};

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
	case 'V':
		if (stdio_line("emu-stage " VERSION, &why) < 0)
			errx(1, "%s", why.text);
		exit(0);
	default:
		usage();
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
	int c;

	*options = (struct options){.directory = getenv("EMU_SCRATCH"),
	    .cache_max = UINT64_MAX,
	    .max = INT64_MAX};
	while ((c = getopt(argc, argv, "C:c:d:i:LM:ovx:V")) != -1)
		parse_letter(options, c);
	if (options->cache_max != UINT64_MAX && options->cache == NULL) {
		warnx("-C: without -c");
		usage();
	}
	if (argc - optind > 1) {
		warnx("%s: one document only", argv[optind + 1]);
		usage();
	}
	options->document = argv[optind];
	if ((options->document == NULL || is_stdin(options->document)) +
		is_stdin(options->manifest) + is_stdin(options->archive) >
	    1) {
		warnx("standard input has one use only");
		usage();
	}
}
