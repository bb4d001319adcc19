/* emu-cast: copies stdin to stdout, and records it beside as an asciicast v2
 * file that asciinema plays. */
#include "cast.h"
#include "reason.h"
#include "record.h"
#include "relay.h"
#include "stdio_guard.h"

#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { STATUS_READER = 123, STATUS_ERROR = 125, MOST = 9999 };

struct options {
	unsigned columns, rows;
	const char *title;
	const char *record;
	const char *file;
};

static _Noreturn void
usage(void)
{
	fputs("usage: emu-cast [-r record] [-s colsxrows] [-t title] "
	      "-o file.cast\n",
	    stderr);
	exit(STATUS_ERROR);
}

static _Noreturn void
print_version(void)
{
	struct reason why;

	if (stdio_line("emu-cast " VERSION, &why) < 0)
		errx(STATUS_ERROR, "%s", why.text);
	exit(0);
}

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
	warnx("-s: not a size like 80x24: %s", text);
	usage();
}

static void
parse_options(struct options *options, int argc, char *argv[])
{
	int letter;

	while ((letter = getopt(argc, argv, "o:r:s:t:V")) != -1) {
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
		case 'V':
			print_version();
		default:
			usage();
		}
	}
	if (optind < argc) {
		warnx("%s: unexpected operand", argv[optind]);
		usage();
	}
	if (options->file == NULL) {
		warnx("no -o file.cast");
		usage();
	}
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
verdict(const char *file, int own)
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
	FILE *out = fopen(options.file, "we");
	if (out == NULL)
		err(STATUS_ERROR, "%s", options.file);
	int status = run(&options, out);
	if (options.record != NULL && status != STATUS_READER)
		status = verdict(options.record, status);
	return status;
}
