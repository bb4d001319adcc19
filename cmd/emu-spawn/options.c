#include "options.h"

#include "../fatal.h"
#include "../usage.h"
#include "duration.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

static int
read_number(unsigned least, unsigned most, const char *what, struct reason *why)
{
	char *end;

	errno = 0;
	unsigned long value = strtoul(optarg, &end, 10);
	if (*optarg < '0' || *optarg > '9' || *end != '\0' || errno != 0 ||
	    value < least || value > most)
		return reason_set(why, "not a %s: %s", what, optarg);
	return (int)value;
}

static int
take_factor(void *factor, char letter, struct reason *why)
{
	(void)letter;
	return duration_factor(optarg, factor) == 0
		   ? 0
		   : reason_set(why, "not a factor: %s", optarg);
}

static int
take_helper(void *into, char letter, struct reason *why)
{
	struct options *options = into;

	(void)letter;
	if (options->helper_count == OPTIONS_HELPERS)
		return reason_set(why, "more than %d helpers", OPTIONS_HELPERS);
	options->helpers[options->helper_count++] = optarg;
	return 0;
}

static int
take_resets(void *resets, char letter, struct reason *why)
{
	int number = read_number(1, 1000000, "number", why);

	(void)letter;
	*(unsigned *)resets = (unsigned)number;
	return number;
}

static int
take_success(void *into, char letter, struct reason *why)
{
	struct options *options = into;
	int status = read_number(0, 255, "status", why);

	(void)letter;
	if (status >= 0)
		options->success[status] = options->any_success = true;
	return status;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'a', "words", "run the NUL-terminated words in this file", AT(words)},
    {'C', "dir", "run in this directory", AT(directory)},
    {'D', "core", "write a failed machine's memory to this file", AT(core)},
    {'f', "time", "end the run if no byte has come within this time",
	AT(limits[LIMIT_FIRST]), USAGE_TIME},
    {'H', "helper", "start a helper before: SOCKET=COMMAND",
	.take = take_helper},
    {'i', "input", "the guest's input", AT(input)},
    {'k', "time", "time between asking the emulator to end and killing it",
	AT(grace), USAGE_TIME},
    {'l', "log", "write the serial line to this file as well", AT(log)},
    {'m', NULL, "require QMP on descriptor 3", AT(qmp)},
    {'n', NULL, "give the emulator three pipes and no terminal", AT(pipes)},
    {'o', "record", "write the record of the run to this file, as JSON",
	AT(record)},
    {'P', "picture", "write a failed machine's screen to this file",
	AT(picture)},
    {'p', NULL, "make the emulator's stdout the terminal too", AT(tty_output)},
    {'q', "time", "end the run after this time without output",
	AT(limits[LIMIT_SILENCE]), USAGE_TIME},
    {'R', "count", "end the run when the guest has reset this many times",
	AT(resets), .take = take_resets},
    {'r', NULL, "end with status 0 when the reader of stdout goes away",
	AT(reader_may_leave)},
    {'S', "socket",
	"let other programs use the serial line through this socket",
	AT(socket)},
    {'T', "factor", "multiply every time limit by this factor", AT(factor),
	.take = take_factor},
    {'t', "time", "end the run after this time", AT(limits[LIMIT_TOTAL]),
	USAGE_TIME},
    {'W', "text", "hold the input until the guest has written this text",
	AT(awaited)},
    {'X', "command", "run a command whose input and output are the serial line",
	AT(command)},
    {'x', "status", "an exit status that means success, in place of 0",
	.take = take_success},
    {'Z', "state", "save the machine here after -X or -W, and end", AT(save)},
    {'z', "state", "continue from a saved machine", AT(load)},
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
};

static void
scale_limits(struct options *options)
{
	double scale = options->factor;
	struct reason why = {""};

	fatal_if(scale <= 0 && duration_scale(&scale, &why) < 0, &why);
	for (int i = 0; i < LIMITS; i++)
		options->limits[i] = duration_scaled(options->limits[i], scale);
	options->grace = duration_scaled(options->grace, scale);
	options->patience = duration_scaled(options->patience, scale);
}

void
options_parse(struct options *options, int argc, char *argv[])
{
	*options =
	    (struct options){.grace = 5000000000, .patience = 10000000000};
	usage_parse(&usage, argc, argv, options);
	if (options->pipes && options->tty_output)
		usage_wrong(&usage, "-n and -p exclude each other");
	if (options->words != NULL && optind < argc)
		usage_wrong(&usage, "-a and a command exclude each other");
	if (optind < argc)
		options->argv = argv + optind;
	/* A machine, or somebody who waits. */
	if (options->argv == NULL || isatty(STDERR_FILENO))
		options->limits[LIMIT_NOTE] = 10000000000;
	scale_limits(options);
}
