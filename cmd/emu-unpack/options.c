#include "options.h"

#include "input.h"
#include "size.h"
#include "stdio_guard.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Noreturn void
usage(void)
{
	fputs("usage: emu-unpack [-msw] [-d dir] [-M size] [-n name] "
	      "archive|-\n"
	      "                  [member[=name] ...]\n"
	      "       emu-unpack -r | -z [-s] [-d dir] [-M size] [-n name] "
	      "file|- name\n",
	    stderr);
	exit(2);
}

static void
parse_letter(struct options *options, int c)
{
	struct reason why = {""};

	switch (c) {
	case 'd':
		options->directory = optarg;
		break;
	case 'M':
		if (size_parse(optarg, &options->max) == 0)
			break;
		warnx("-M: not a size: %s", optarg);
		usage();
	case 'm':
		options->manifest = true;
		break;
	case 'n':
		options->name = optarg;
		break;
	case 'r':
		options->raw = true;
		break;
	case 's':
		options->digest = true;
		break;
	case 'w':
		options->words = true;
		break;
	case 'z':
		options->decompress = true;
		break;
	case 'V':
		if (stdio_line("emu-unpack " VERSION, &why) < 0)
			errx(1, "%s", why.text);
		exit(0);
	default:
		usage();
	}
}

static void
check(const struct options *options)
{
	bool one = options->raw || options->decompress;

	if (options->raw && options->decompress)
		warnx("-r and -z exclude each other");
	else if (one && (options->manifest || options->words))
		warnx("-m and -w are for archives");
	else if (options->source == NULL)
		warnx("no archive");
	else if (one && options->count != 1)
		warnx("-r and -z make one file");
	else if (options->count == 0 && !options->words && !options->manifest)
		warnx("no member");
	else
		return;
	usage();
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	int c;

	*options = (struct options){
	    .directory = getenv("EMU_SCRATCH"), .max = INT64_MAX};
	while ((c = getopt(argc, argv, "d:M:mn:rswzV")) != -1)
		parse_letter(options, c);
	if (optind < argc) {
		options->source = argv[optind];
		options->operands = argv + optind + 1;
		options->count = (size_t)(argc - optind - 1);
		if (options->name == NULL)
			options->name = input_name(options->source);
	}
	check(options);
}
