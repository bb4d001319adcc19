/* emu-argv: turns a machine's description into the words that start it. */
#include "contents.h"
#include "document.h"
#include "emit.h"
#include "load.h"
#include "output.h"
#include "probe.h"
#include "stdio_guard.h"
#include "usage.h"
#include "utf8.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* execve takes no longer word (MAX_ARG_STRLEN, its NUL included). */
enum { WORD_MAX = 131072, OUTPUT_BUFFER = 1 << 20 };

struct options {
	enum output output;
	enum monitor monitor;
	bool probe;
	const char *file;
};

static const struct usage_option option_table[] = {
    {'e', NULL, "explain: where each word came from"},
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
set_output(struct options *options, enum output output)
{
	if (options->output != OUTPUT_NUL && options->output != output)
		exit(usage_wrong(&usage, stderr, "only one of -e, -s and -j"));
	options->output = output;
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
	if (options.output == OUTPUT_SHELL &&
	    options.monitor == MONITOR_DEFAULT)
		options.monitor = MONITOR_OFF;
	return options;
}

static bool
is_utf8(const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		size_t n = utf8_length(text, left);

		if (n == 0)
			return false;
		text += n;
		left -= n;
	}
	return true;
}

/* Refuses what could not be run, and what JSON cannot hold. */
static int
check_words(const struct machine *machine, const struct words *words,
    enum output output, struct reason *why)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *text = words_at(words, i);
		const char *origin = words->list[i].origin;
		size_t len = strlen(text);

		if (len >= WORD_MAX)
			return machine_fault(machine, origin, "", why,
			    "a word of %zu bytes; no program can be given "
			    "more than %d",
			    len, WORD_MAX - 1);
		if (output == OUTPUT_JSON && !is_utf8(text))
			return machine_fault(machine, origin, "", why,
			    "its word is not UTF-8, as JSON wants it");
	}
	return 0;
}

static int
run(const struct options *options, struct reason *why)
{
	struct document document = {0};
	struct machine machine = {0};
	struct words words = {0}, args = {0};
	int result = -1;

	if (document_read(&document, options->file, why) < 0 ||
	    load_machine(&machine, &document, options->monitor, why) < 0)
		goto out;
	emit_words(&machine, &words, &args);
	if (words.failed || args.failed) {
		reason_memory(why);
		goto out;
	}
	if (contents_check(&machine, &args, why) < 0 ||
	    check_words(&machine, &words, options->output, why) < 0 ||
	    (options->probe && probe_words(&words, machine.scale, why) < 0))
		goto out;
	output_words(&words, &args, options->output, stdout);
	result = 0;
out:
	words_free(&args);
	words_free(&words);
	machine_free(&machine);
	document_free(&document);
	return result;
}

int
main(int argc, char *argv[])
{
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	struct options options = parse_options(argc, argv);
	/* One write: killed between two, we would leave whole words of half a
	 * machine. */
	char *buffer = malloc(OUTPUT_BUFFER);
	if (buffer != NULL)
		setvbuf(stdout, buffer, _IOFBF, OUTPUT_BUFFER);
	if (run(&options, &why) < 0 || stdio_finish(&why) < 0)
		errx(1, "%s", why.text);
	free(buffer);
	return 0;
}
