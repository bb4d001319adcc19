#include "options.h"

#include "duration.h"
#include "usage.h"

#include <err.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct usage_option option_table[] = {
    {'a', "words", "run the NUL-terminated words in this file"},
    {'C', "dir", "run in this directory"},
    {'D', "core", "write a failed machine's memory to this file"},
    {'f', "time", "end the run if no byte has come within this time"},
    {'H', "helper", "start a helper before: SOCKET=COMMAND"},
    {'i', "input", "the guest's input"},
    {'k', "time", "time between asking the emulator to end and killing it"},
    {'l', "log", "write the serial line to this file as well"},
    {'m', NULL, "require QMP on descriptor 3"},
    {'n', NULL, "give the emulator three pipes and no terminal"},
    {'o', "record", "write the record of the run to this file, as JSON"},
    {'P', "picture", "write a failed machine's screen to this file"},
    {'p', NULL, "make the emulator's stdout the terminal too"},
    {'q', "time", "end the run after this time without output"},
    {'R', "count", "end the run when the guest has reset this many times"},
    {'r', NULL, "end with status 0 when the reader of stdout goes away"},
    {'S', "socket",
	"let other programs use the serial line through this socket"},
    {'T', "factor", "multiply every time limit by this factor"},
    {'t', "time", "end the run after this time"},
    {'W', "text", "hold the input until the guest has written this text"},
    {'X', "command",
	"run a command whose input and output are the serial line"},
    {'x', "status", "an exit status that means success, in place of 0"},
    {'Z', "state", "save the machine here after -X or -W, and end"},
    {'z', "state", "continue from a saved machine"},
    {0},
};

static const struct usage usage = {
    .command = "emu-spawn",
    .synopsis =
	"[-mnpr] [-a words] [-C dir] [-D core] [-f time] [-H helper]...\n"
	"                 [-i input] [-k time] [-l log] [-o record] [-P picture] [-q time]\n"
	"                 [-R count] [-S socket] [-T factor] [-t time] [-W text]\n"
	"                 [-X command] [-x status] [-Z state] [-z state] [cmd [arg ...]]",
    .options = option_table,
    .wrong = 125,
    .failed = 125,
};

/* Where the value of an option goes. */
static const struct place {
	char letter;
	enum { TEXT, TIME, FLAG } kind;
	size_t at; /* in struct options */
} places[] = {
#define AT(member) offsetof(struct options, member)
    {'a', TEXT, AT(words)},
    {'C', TEXT, AT(directory)},
    {'D', TEXT, AT(core)},
    {'f', TIME, AT(first)},
    {'i', TEXT, AT(input)},
    {'k', TIME, AT(grace)},
    {'l', TEXT, AT(log)},
    {'m', FLAG, AT(qmp)},
    {'n', FLAG, AT(pipes)},
    {'o', TEXT, AT(record)},
    {'P', TEXT, AT(picture)},
    {'p', FLAG, AT(tty_output)},
    {'q', TIME, AT(silence)},
    {'r', FLAG, AT(reader_may_leave)},
    {'S', TEXT, AT(socket)},
    {'t', TIME, AT(total)},
    {'W', TEXT, AT(awaited)},
    {'X', TEXT, AT(command)},
    {'Z', TEXT, AT(save)},
    {'z', TEXT, AT(load)},
};

static uint64_t
duration(int letter)
{
	uint64_t ns;

	if (duration_parse(optarg, &ns) < 0)
		exit(usage_wrong(
		    &usage, stderr, "-%c: not a duration: %s", letter, optarg));
	return ns;
}

static double
factor(void)
{
	struct reason why = {""};
	double value;

	if (duration_factor("-T", optarg, &value, &why) < 0)
		exit(usage_wrong(&usage, stderr, "%s", why.text));
	return value;
}

static unsigned
number(int letter, unsigned least, unsigned most, const char *what)
{
	char *end;

	errno = 0;
	unsigned long value = strtoul(optarg, &end, 10);
	if (*optarg < '0' || *optarg > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most)
		exit(usage_wrong(
		    &usage, stderr, "-%c: not a %s: %s", letter, what, optarg));
	return (unsigned)value;
}

/* Stores the value of one of the places; returns whether it is one. */
static bool
put(struct options *options, int letter)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		void *at = (char *)options + places[i].at;

		if (places[i].letter != letter)
			continue;
		if (places[i].kind == TEXT)
			*(const char **)at = optarg;
		else if (places[i].kind == TIME)
			*(uint64_t *)at = duration(letter);
		else
			*(bool *)at = true;
		return true;
	}
	return false;
}

static void
add_helper(struct options *options)
{
	if (options->helper_count == OPTIONS_HELPERS)
		exit(usage_wrong(&usage, stderr, "-H: more than %d helpers",
		    OPTIONS_HELPERS));
	options->helpers[options->helper_count++] = optarg;
}

static void
take(struct options *options, int letter, char *argv[], double *scale)
{
	if (put(options, letter))
		return;
	if (letter == 'H')
		add_helper(options);
	else if (letter == 'R')
		options->resets = number(letter, 1, 1000000, "number");
	else if (letter == 'T')
		*scale = factor();
	else if (letter == 'x')
		options->success[number(letter, 0, 255, "status")] =
		    options->any_success = true;
	else
		exit(usage_answer(&usage, letter, argv, stdout, stderr));
}

static void
scale_limits(struct options *options, double scale)
{
	struct reason why = {""};

	if (scale <= 0 && duration_scale(&scale, &why) < 0)
		errx(125, "%s", why.text);
	options->first = duration_scaled(options->first, scale);
	options->grace = duration_scaled(options->grace, scale);
	options->patience = duration_scaled(options->patience, scale);
	options->note = duration_scaled(options->note, scale);
	options->silence = duration_scaled(options->silence, scale);
	options->total = duration_scaled(options->total, scale);
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	double scale = 0;
	int letter;

	*options = (struct options){
	    .grace = 5000000000, .note = 10000000000, .patience = 10000000000};
	while ((letter = usage_next(&usage, argc, argv)) != -1)
		take(options, letter, argv, &scale);
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
