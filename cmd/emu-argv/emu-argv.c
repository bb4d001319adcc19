/* emu-argv: turns a machine's description into the words that start it. */
#include "../fatal.h"
#include "../json_memory.h"
#include "../usage.h"
#include "contents.h"
#include "document.h"
#include "emit.h"
#include "load.h"
#include "output.h"
#include "probe.h"
#include "stdio_guard.h"
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
	bool explain, json, shell, probe;
	enum monitor monitor;
	const char *file;
};

static int
take_monitor(void *monitor, char letter, struct reason *why)
{
	(void)why;
	*(enum monitor *)monitor = letter == 'm' ? MONITOR_ON : MONITOR_OFF;
	return 0;
}

#define AT(member) .at = offsetof(struct options, member)

static const struct usage_option option_table[] = {
    {'e', NULL, "explain: print the origin of each word", AT(explain)},
    {'j', NULL, "print a JSON array", AT(json)},
    {'m', NULL, "add a QMP monitor on descriptor 3", AT(monitor),
	.take = take_monitor},
    {'N', NULL, "leave the monitor out", AT(monitor), .take = take_monitor},
    {'p', NULL, "ask the emulator whether it knows the words", AT(probe)},
    {'s', NULL, "print one line for a shell", AT(shell)},
    {0},
};

static const struct usage usage = {
    "emu-argv", "[-emNp] [-s | -j] [document]", option_table};

static void
parse_options(struct options *options, int argc, char *argv[])
{
	usage_parse(&usage, argc, argv, options);
	if (options->explain + options->json + options->shell > 1)
		usage_wrong(&usage, "only one of -e, -s and -j");
	if (argc - optind > 1)
		usage_wrong(&usage, "more than one document");
	options->file = argv[optind];
	/* A shell has no socket to give it on descriptor 3. */
	if (options->shell && options->monitor == MONITOR_DEFAULT)
		options->monitor = MONITOR_OFF;
}

/* Refuses what could not be run, and what JSON cannot hold. */
static void
check_words(const struct machine *machine, const struct words *words, bool json)
{
	for (size_t i = 0; i < words->count; i++) {
		const struct word *word = &words->list[i];

		if (word->len >= WORD_MAX)
			machine_fault(machine, word->origin, "",
			    "a word of %zu bytes; no program can be given "
			    "more than %d",
			    word->len, WORD_MAX - 1);
		if (json && !utf8_is(word->text))
			machine_fault(machine, word->origin, "",
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

	fatal_if(document_read(&document, options->file, &why) < 0, &why);
	load_machine(&machine, &document, options->monitor);
	emit_words(&machine, &words, &args);
	contents_check(&machine, &args);
	check_words(&machine, &words, options->json);
	if (options->probe)
		probe_words(&machine, &words);
	if (options->explain)
		output_explained(&words, &args, stdout);
	else if (options->json)
		output_json(&words, stdout);
	else if (options->shell)
		output_shell(&words, stdout);
	else
		for (size_t i = 0; i < words.count; i++)
			fwrite(words.list[i].text, 1, words.list[i].len + 1,
			    stdout);
	words_free(&args);
	words_free(&words);
	machine_free(&machine);
	document_free(&document);
}

int
main(int argc, char *argv[])
{
	struct options options = {0};
	struct reason why;

	fatal_if(stdio_guard_output(&why) < 0, &why);
	json_memory_guard();
	parse_options(&options, argc, argv);
	/* One write: killed between two, we would leave whole words of half a
	 * machine. */
	char *buffer = malloc(OUTPUT_BUFFER);
	if (buffer != NULL)
		setvbuf(stdout, buffer, _IOFBF, OUTPUT_BUFFER);
	run(&options);
	fatal_if(stdio_finish(&why) < 0, &why);
	free(buffer);
	return 0;
}
