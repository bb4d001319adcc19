#include "options.h"

#include "duration.h"
#include "stdio_guard.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static _Noreturn void
usage(void)
{
	fputs("usage: emu-spawn [-mnpr] [-a words] [-C dir] [-f time] "
	      "[-i input] [-k time]\n"
	      "                 [-l log] [-o record] [-q time] [-S socket] "
	      "[-T factor] [-t time]\n"
	      "                 [-X command] [-x status] [cmd [arg ...]]\n",
	    stderr);
	exit(125);
}

static uint64_t
duration(int letter, const char *text)
{
	uint64_t ns;

	if (duration_parse(text, &ns) == 0)
		return ns;
	warnx("-%c: not a duration: %s", letter, text);
	usage();
}

static double
factor(const char *text)
{
	struct reason why = {""};
	double value;

	if (duration_factor("-T", text, &value, &why) == 0)
		return value;
	warnx("%s", why.text);
	usage();
}

static void
add_success(struct options *options, const char *text)
{
	char *end;

	errno = 0;
	unsigned long status = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    status > 255) {
		warnx("-x: not a status: %s", text);
		usage();
	}
	options->success[status] = true;
	options->any_success = true;
}

/* One letter that has an argument. */
static void
take(struct options *options, int letter, const char *text, double *scale)
{
	switch (letter) {
	case 'a':
		options->words = text;
		break;
	case 'C':
		options->directory = text;
		break;
	case 'f':
		options->first = duration(letter, text);
		break;
	case 'i':
		options->input = text;
		break;
	case 'k':
		options->grace = duration(letter, text);
		break;
	case 'l':
		options->log = text;
		break;
	case 'o':
		options->record = text;
		break;
	case 'q':
		options->silence = duration(letter, text);
		break;
	case 'S':
		options->socket = text;
		break;
	case 'T':
		*scale = factor(text);
		break;
	case 't':
		options->total = duration(letter, text);
		break;
	case 'X':
		options->command = text;
		break;
	case 'x':
		add_success(options, text);
		break;
	}
}

static void
take_flag(struct options *options, int letter)
{
	struct reason why = {""};

	switch (letter) {
	case 'm':
		options->qmp = true;
		break;
	case 'n':
		options->pipes = true;
		break;
	case 'p':
		options->tty_output = true;
		break;
	case 'r':
		options->reader_may_leave = true;
		break;
	case 'V':
		if (stdio_line("emu-spawn " VERSION, &why) < 0)
			errx(125, "%s", why.text);
		exit(0);
	default:
		usage();
	}
}

static void
scale_limits(struct options *options, double scale)
{
	struct reason why = {""};

	if (scale <= 0 && duration_scale(&scale, &why) < 0)
		errx(125, "%s", why.text);
	options->first = duration_scaled(options->first, scale);
	options->grace = duration_scaled(options->grace, scale);
	options->silence = duration_scaled(options->silence, scale);
	options->total = duration_scaled(options->total, scale);
}

static int
next_letter(int argc, char *argv[])
{
	optarg = NULL;
	return getopt(argc, argv, "+a:C:f:i:k:l:mno:pq:rS:T:t:VX:x:");
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	double scale = 0;
	int letter;

	*options = (struct options){.grace = 5000000000};
	while ((letter = next_letter(argc, argv)) != -1) {
		if (optarg != NULL)
			take(options, letter, optarg, &scale);
		else
			take_flag(options, letter);
	}
	if (options->pipes && options->tty_output) {
		warnx("-n and -p exclude each other");
		usage();
	}
	if (options->words != NULL && optind < argc) {
		warnx("-a and a command exclude each other");
		usage();
	}
	scale_limits(options, scale);
	if (optind < argc)
		options->argv = argv + optind;
}
