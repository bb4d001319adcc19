/* emu-argv: turns a machine's description into the words that start it. */
#include "../fatal.h"
#include "contents.h"
#include "document.h"
#include "emit.h"
#include "load.h"
#include "output.h"
#include "probe.h"
#include "stdio_guard.h"
#include "usage.h"
#include "utf8.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const int fatal_status = 1;

/* execve takes no longer word (MAX_ARG_STRLEN, its NUL included). */
enum { WORD_MAX = 131072, OUTPUT_BUFFER = 1 << 20 };

struct options {
	enum output_form form;
	enum monitor monitor;
	bool probe;
	const char *file;
};

static const struct usage_option option_table[] = {
    {'e', NULL, "explain: print the origin of each word"},
    {'j', NULL, "print a JSON array"},
    {'m', NULL, "add a QMP monitor on descriptor 3"},
    {'N', NULL, "leave the monitor out"},
    {'p', NULL, "ask the emulator whether it knows the words"},
    {'s', NULL, "print one line for a shell"},
    {0},
};

static const struct usage usage = {
    "emu-argv", "[-emNp] [-s | -j] [document]", option_table, 2, 1};

static void
set_output(struct options *options, enum output_form form)
{
	if (options->form != OUTPUT_NUL && options->form != form)
		exit(usage_wrong(&usage, stderr, "only one of -e, -s and -j"));
	options->form = form;
}

static struct options
parse_options(int argc, char *argv[])
{
	struct options options = {0};
	int c;

	while ((c = usage_next(&usage, argc, argv)) != -1) {
		switch (c) {
		case 'e':
			set_output(&options, OUTPUT_EXPLAIN);
			break;
		case 'j':
			set_output(&options, OUTPUT_JSON);
			break;
		case 'm':
			options.monitor = MONITOR_ON;
			break;
		case 'N':
			options.monitor = MONITOR_OFF;
			break;
		case 'p':
			options.probe = true;
			break;
		case 's':
			set_output(&options, OUTPUT_SHELL);
			break;
		default:
			exit(usage_answer(&usage, c, argv, stdout, stderr));
		}
	}
	if (argc - optind > 1)
		exit(usage_wrong(&usage, stderr, "more than one document"));
	options.file = argv[optind];
	/* A shell has no socket to give it on descriptor 3. */
	if (options.form == OUTPUT_SHELL && options.monitor == MONITOR_DEFAULT)
		options.monitor = MONITOR_OFF;
	return options;
}

/* Refuses what could not be run, and what JSON cannot hold. */
static void
check_words(const struct machine *machine, const struct words *words,
    enum output_form form)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *text = words_at(words, i);
		const char *origin = words->list[i].origin;
		size_t len = strlen(text);

		if (len >= WORD_MAX)
			machine_fault(machine, origin, "",
			    "a word of %zu bytes; no program can be given "
			    "more than %d",
			    len, WORD_MAX - 1);
		if (form == OUTPUT_JSON && !utf8_is(text))
			machine_fault(machine, origin, "",
			    "its word is not UTF-8, as JSON wants it");
	}
}

static void
run(const struct options *options)
{
	struct document document = {0};
	struct machine machine = {0};
	struct words words = {0}, args = {0};
	struct reason why;

	if (document_read(&document, options->file, &why) < 0)
		fatal("%s", why.text);
	load_machine(&machine, &document, options->monitor);
	emit_words(&machine, &words, &args);
	contents_check(&machine, &args);
	check_words(&machine, &words, options->form);
	if (options->probe)
		probe_words(&words, machine.scale);
	output_words(&words, &args, options->form, stdout);
	words_free(&args);
	words_free(&words);
	machine_free(&machine);
	document_free(&document);
}

int
main(int argc, char *argv[])
{
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		fatal("%s", why.text);
	struct options options = parse_options(argc, argv);
	/* One write: killed between two, we would leave whole words of half a
	 * machine. */
	char *buffer = malloc(OUTPUT_BUFFER);
	if (buffer != NULL)
		setvbuf(stdout, buffer, _IOFBF, OUTPUT_BUFFER);
	run(&options);
	if (stdio_finish(&why) < 0)
		fatal("%s", why.text);
	free(buffer);
	return 0;
}
