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

/* Where the option of a letter goes. */
struct place {
	char letter;
	size_t at; /* in struct options */
};

#define AT(member) offsetof(struct options, member)

static const struct place texts[] = {
    {'a', AT(words)},
    {'C', AT(directory)},
    {'D', AT(core)},
    {'i', AT(input)},
    {'l', AT(log)},
    {'o', AT(record)},
    {'P', AT(picture)},
    {'S', AT(socket)},
    {'W', AT(awaited)},
    {'X', AT(command)},
    {'Z', AT(save)},
    {'z', AT(load)},
    {0},
};

static const struct place times[] = {
    {'f', AT(first)},
    {'k', AT(grace)},
    {'q', AT(silence)},
    {'t', AT(total)},
    {0},
};

static const struct place flags[] = {
    {'m', AT(qmp)},
    {'n', AT(pipes)},
    {'p', AT(tty_output)},
    {'r', AT(reader_may_leave)},
    {0},
};

/* Returns the member of the letter, or NULL when it is not one of these. */
static void *
find(struct options *options, const struct place *places, int letter)
{
	for (; places->letter != '\0'; places++)
		if (places->letter == letter)
			return (char *)options + places->at;
	return NULL;
}

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

static void
take(struct options *options, int letter, char *argv[], double *scale)
{
	const char **text = find(options, texts, letter);
	uint64_t *time = find(options, times, letter);
	bool *flag = find(options, flags, letter);

	if (text != NULL)
		*text = optarg;
	else if (time != NULL)
		*time = duration(letter);
	else if (flag != NULL)
		*flag = true;
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
	options->note = duration_scaled(options->note, scale);
	options->silence = duration_scaled(options->silence, scale);
	options->total = duration_scaled(options->total, scale);
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	double scale = 0;
	int letter;

	*options = (struct options){.grace = 5000000000, .note = 10000000000};
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
