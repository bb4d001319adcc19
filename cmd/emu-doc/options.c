#include "options.h"

#include "stdio_guard.h"

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const targets[] = {"x64", "i386", "arm64", "arm", "riscv64"};

_Noreturn static void
usage(void)
{
	fputs("usage: emu-doc [-t target] [-m MiB] [-c cpus] [-a arg]... "
	      "file ...\n",
	    stderr);
	exit(2);
}

static long
count(char option, const char *text)
{
	char *end;

	errno = 0;
	long n = strtol(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > INT_MAX) {
		warnx("-%c: not a number from 1: %s", option, text);
		usage();
	}
	return n;
}

static const char *
target(const char *text)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		if (strcmp(targets[i], text) == 0)
			return targets[i];
	}
	warnx("-t: not x64, i386, arm64, arm or riscv64: %s", text);
	usage();
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	struct reason why = {""};
	int c;

	*options = (struct options){0};
	options->args = calloc((size_t)argc, sizeof(char *));
	if (options->args == NULL)
		err(1, NULL);
	while ((c = getopt(argc, argv, "Va:c:m:t:")) != -1) {
		switch (c) {
		case 'V':
			if (stdio_line("emu-doc " VERSION, &why) < 0)
				errx(1, "%s", why.text);
			exit(0);
		case 'a':
			options->args[options->arg_count++] = optarg;
			break;
		case 'c':
			options->cpus = count('c', optarg);
			break;
		case 'm':
			options->memory = count('m', optarg);
			break;
		case 't':
			options->target = target(optarg);
			break;
		default:
			usage();
		}
	}
	options->files = argv + optind;
	options->file_count = (size_t)(argc - optind);
	if (options->file_count == 0) {
		warnx("no file");
		usage();
	}
}

void
options_free(struct options *options)
{
	free(options->args);
}
