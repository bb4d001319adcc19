#include "options.h"

#include "duration.h"
#include "usage.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct usage_option option_table[] = {
    {'a', "words", "run the NUL-terminated words in this file"},
    {'C', "dir", "run in this directory"},
    {'D', "core", "write a failed machine's memory to this file"},
    {'f', "time", "end the run when no first byte came in this time"},
    {'i', "input", "what the guest reads"},
    {'k', "time", "time between asking the emulator to end and killing it"},
    {'l', "log", "write the serial line to this file as well"},
    {'m', NULL, "the emulator has to speak QMP on descriptor 3"},
    {'n', NULL, "no terminal: three pipes"},
    {'o', "record", "write the verdict to this file, as JSON"},
    {'P', "picture", "write a failed machine's screen to this file"},
    {'p', NULL, "stdout is the terminal too"},
    {'q', "time", "end the run after so long a silence"},
    {'R', "count", "end the run when the guest has reset so often"},
    {'r', NULL, "that the reader leaves is the ordinary end"},
    {'S', "socket", "offer the serial line to other programs here"},
    {'T', "factor", "stretch every limit by this factor"},
    {'t', "time", "end the run after this time in all"},
    {'W', "text", "hold the input until the line has shown this"},
    {'X', "command", "run a command that talks with the guest"},
    {'x', "status", "an exit status that means success; then 0 does not"},
    {'Z', "state", "save the machine here when -X or -W is through, and end"},
    {'z', "state", "go on from a saved machine"},
    {0},
};

static const struct usage usage = {
    .command = "emu-spawn",
    .synopsis =
	"[-mnpr] [-a words] [-C dir] [-D core] [-f time] [-i input]\n"
	"                 [-k time] [-l log] [-o record] [-P picture] [-q time] [-R count]\n"
	"                 [-S socket] [-T factor] [-t time] [-W text] [-X command]\n"
	"                 [-x status] [-Z state] [-z state] [cmd [arg ...]]",
    .options = option_table,
    .wrong = 125,
    .failed = 125,
};

static uint64_t
duration(int letter, const char *text)
{
	uint64_t ns;

	if (duration_parse(text, &ns) < 0)
		exit(usage_wrong(
		    &usage, stderr, "-%c: not a duration: %s", letter, text));
	return ns;
}

static double
factor(const char *text)
{
	struct reason why = {""};
	double value;

	if (duration_factor("-T", text, &value, &why) < 0)
		exit(usage_wrong(&usage, stderr, "%s", why.text));
	return value;
}

static unsigned
count(int letter, const char *text)
{
	char *end;

	errno = 0;
	unsigned long value = strtoul(text, &end, 10);
	if (*text < '1' || *text > '9' || *end != '\0' || errno != 0 ||
	    value > 1000000)
		exit(usage_wrong(
		    &usage, stderr, "-%c: not a number: %s", letter, text));
	return (unsigned)value;
}

static void
add_success(struct options *options, const char *text)
{
	char *end;

	errno = 0;
	unsigned long status = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 ||
	    status > 255)
		exit(usage_wrong(&usage, stderr, "-x: not a status: %s", text));
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
	case 'D':
		options->core = text;
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
	case 'P':
		options->picture = text;
		break;
	case 'q':
		options->silence = duration(letter, text);
		break;
	case 'R':
		options->resets = count(letter, text);
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
	case 'W':
		options->awaited = text;
		break;
	case 'X':
		options->command = text;
		break;
	case 'x':
		add_success(options, text);
		break;
	case 'Z':
		options->save = text;
		break;
	case 'z':
		options->load = text;
		break;
	}
}

static void
take_flag(struct options *options, int letter, char *argv[])
{
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
	default:
		exit(usage_answer(&usage, letter, argv, stdout, stderr));
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

void
options_parse(struct options *options, int argc, char *argv[])
{
	double scale = 0;
	int letter;

	*options = (struct options){.grace = 5000000000};
	optarg = NULL;
	while ((letter = usage_next(&usage, argc, argv)) != -1) {
		if (optarg != NULL)
			take(options, letter, optarg, &scale);
		else
			take_flag(options, letter, argv);
		optarg = NULL;
	}
	if (options->pipes && options->tty_output)
		exit(usage_wrong(
		    &usage, stderr, "-n and -p exclude each other"));
	if (options->words != NULL && optind < argc)
		exit(usage_wrong(
		    &usage, stderr, "-a and a command exclude each other"));
	scale_limits(options, scale);
	if (optind < argc)
		options->argv = argv + optind;
}
