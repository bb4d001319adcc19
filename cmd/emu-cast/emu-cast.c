/* emu-cast: copies stdin to stdout, and records it beside as an asciicast v2
 * file that asciinema plays. */
#include "cast.h"
#include "output_file.h"
#include "reason.h"
#include "record.h"
#include "relay.h"
#include "stdio_guard.h"
#include "usage.h"

#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { STATUS_READER = 123, STATUS_ERROR = 125, MOST = 9999 };

static const struct usage_option option_table[] = {
    {'o', "file.cast", "record to this file"},
    {'r', "record", "return what this record of emu-spawn's says"},
    {'s', "colsxrows", "the size of the terminal (default: 80x24)"},
    {'t', "title", "the title of the recording"},
    {0},
};

static const struct usage usage = {
    .command = "emu-cast",
    .synopsis = "[-r record] [-s colsxrows] [-t title] -o file.cast",
    .options = option_table,
    .wrong = STATUS_ERROR,
    .failed = STATUS_ERROR,
};

struct options {
	unsigned columns, rows;
	const char *title;
	const char *record;
	const char *file;
};

/* Reads a number from 1 to MOST that `end` follows. Returns where it ends, NULL
 * when there is none. */
static const char *
parse_number(const char *text, char end, unsigned *number)
{
	*number = 0;
	for (; isdigit((unsigned char)*text) && *number <= MOST; text++)
		*number = *number * 10 + (unsigned)(*text - '0');
	return *number >= 1 && *number <= MOST && *text == end ? text : NULL;
}

static void
parse_size(const char *text, struct options *options)
{
	const char *x = parse_number(text, 'x', &options->columns);

	if (x != NULL && parse_number(x + 1, '\0', &options->rows) != NULL)
		return;
	exit(
	    usage_wrong(&usage, stderr, "-s: not a size like 80x24: %s", text));
}

static void
parse_options(struct options *options, int argc, char *argv[])
{
	int letter;

	while ((letter = usage_next(&usage, argc, argv)) != -1) {
		switch (letter) {
		case 'o':
			options->file = optarg;
			break;
		case 'r':
			options->record = optarg;
			break;
		case 's':
			parse_size(optarg, options);
			break;
		case 't':
			options->title = optarg;
			break;
		default:
			exit(
			    usage_answer(&usage, letter, argv, stdout, stderr));
		}
	}
	if (optind < argc)
		exit(usage_wrong(
		    &usage, stderr, "%s: unexpected operand", argv[optind]));
	if (options->file == NULL)
		exit(usage_wrong(&usage, stderr, "no -o file.cast"));
}

/* Copies and records. Returns our own verdict. */
static int
run(const struct options *options, FILE *out)
{
	struct reason why = {""};
	struct cast cast;
	struct relay relay = {.cast = &cast, .file = options->file};
	int status = 0;

	cast_start(&cast, out, options->columns, options->rows, time(NULL),
	    options->title);
	enum relay_end end = relay_run(&relay, &why);
	if (end != RELAY_EOF) {
		warnx("%s", why.text);
		status = STATUS_ERROR;
	}
	if (fclose(out) != 0 && !relay.has_failed) {
		warn("%s", options->file);
		relay.has_failed = true;
	}
	if (relay.has_failed)
		status = STATUS_ERROR;
	if (end == RELAY_EOF && stdio_finish(&why) < 0) {
		warnx("%s", why.text);
		status = STATUS_ERROR;
	}
	return end == RELAY_READER ? STATUS_READER : status;
}

/* What emu-spawn's record makes of our verdict. */
static int
judge(const char *file, int own)
{
	struct reason why = {""};
	struct record record;

	if (record_read(file, &record, &why) < 0) {
		warnx("%s", why.text);
		return STATUS_ERROR;
	}
	return record_verdict(&record, own);
}

int
main(int argc, char *argv[])
{
	struct options options = {.columns = 80, .rows = 24};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	parse_options(&options, argc, argv);
	sigaction(SIGPIPE, &ignore, NULL); /* EPIPE is status 123 */
	int fd = output_file_open(options.file, &why);
	if (fd < 0)
		errx(STATUS_ERROR, "%s", why.text);
	FILE *out = fdopen(fd, "w");
	if (out == NULL)
		err(STATUS_ERROR, "%s", options.file);
	int status = run(&options, out);
	if (options.record != NULL && status != STATUS_READER)
		status = judge(options.record, status);
	return status;
}
