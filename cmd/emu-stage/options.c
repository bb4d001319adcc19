#include "options.h"

#include "size.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Noreturn void
usage(void)
{
	fputs("usage: emu-stage [-Lv] [-d dir] [-i images.json] [-M size] "
	      "[document]\n",
	    stderr);
	exit(2);
}

static void
parse_size(const char *text, char letter, uint64_t *size)
{
	if (size_parse(text, size) == 0)
		return;
	warnx("-%c: %s: not a size", letter, text);
	usage();
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	int c;

	*options = (struct options){
	    .directory = getenv("EMU_SCRATCH"), .max = INT64_MAX};
	while ((c = getopt(argc, argv, "d:i:LM:vV")) != -1) {
		switch (c) {
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
		case 'v':
			options->verbose = true;
			break;
		case 'V':
			puts("emu-stage " VERSION);
			exit(fflush(stdout) == 0 ? 0 : 1);
		default:
			usage();
		}
	}
	if (argc - optind > 1) {
		warnx("%s: one document only", argv[optind + 1]);
		usage();
	}
	options->document = argv[optind];
	if (options->directory != NULL && options->directory[0] == '\0')
		options->directory = NULL;
}
