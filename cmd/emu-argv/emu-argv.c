/* emu-argv: turns a machine's description into the words that start it. */
#include "document.h"
#include "image.h"
#include "machine.h"
#include "output.h"
#include "probe.h"
#include "stdio_guard.h"

#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* execve takes no longer word (MAX_ARG_STRLEN, its NUL included). */
enum { WORD_MAX = 131072, OUTPUT_BUFFER = 1 << 20 };

struct options {
	enum output output;
	enum monitor monitor;
	bool probe;
	const char *file;
};

static void
usage(void)
{
	fprintf(stderr, "usage: emu-argv [-emNp] [-s | -j] [document]\n");
	exit(2);
}

static void
set_output(struct options *options, enum output output)
{
	if (options->output != OUTPUT_NUL && options->output != output) {
		warnx("only one of -e, -s and -j");
		usage();
	}
	options->output = output;
}

static struct options
parse_options(int argc, char *argv[])
{
	struct options options = {0};
	struct reason why = {""};
	int c;

	while ((c = getopt(argc, argv, "ejmNpsV")) != -1) {
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
		case 'V':
			if (stdio_line("emu-argv " VERSION, &why) < 0)
				errx(1, "%s", why.text);
			exit(0);
		default:
			usage();
		}
	}
	if (argc - optind > 1) {
		warnx("more than one document");
		usage();
	}
	options.file = argv[optind];
	/* A shell has no socket to give it on descriptor 3. */
	if (options.output == OUTPUT_SHELL &&
	    options.monitor == MONITOR_DEFAULT)
		options.monitor = MONITOR_OFF;
	return options;
}

/* Refuses what could not be run. */
static int
check_lengths(const struct build *build, struct reason *why)
{
	if (build->words.failed || build->args.failed || build->features.failed)
		return reason_memory(why);
	for (size_t i = 0; i < build->words.count; i++) {
		const struct word *word = &build->words.list[i];

		if (word->len >= WORD_MAX)
			return reason_set(why,
			    "%s: %s: a word of %zu bytes; no program can be "
			    "given more than %d",
			    build->reader.document->name, word->origin,
			    word->len, WORD_MAX - 1);
	}
	return 0;
}

static int
run(const struct options *options, struct reason *why)
{
	struct document document = {0};
	struct build build = {.reader = {.document = &document, .why = why}};
	int result = -1;

	if (document_read(&document, options->file, why) < 0 ||
	    images_collect(&document, &build.images, why) < 0)
		goto out;
	build.root = (struct place){&build.reader, document.root, ""};
	machine_words(&build, options->monitor);
	if (build.reader.failed || check_lengths(&build, why) < 0)
		goto out;
	if (options->probe && probe_words(&build.words, why) < 0)
		goto out;
	output_words(&build.words, &build.args, options->output, stdout);
	result = 0;
out:
	json_decref(build.ids);
	words_free(&build.features);
	words_free(&build.args);
	words_free(&build.words);
	images_free(&build.images);
	document_free(&document);
	return result;
}

int
main(int argc, char *argv[])
{
	struct options options = parse_options(argc, argv);
	struct reason why = {""};

	/* One write: killed between two, we would leave whole words of half a
	 * machine. */
	char *buffer = malloc(OUTPUT_BUFFER);
	if (buffer != NULL)
		setvbuf(stdout, buffer, _IOFBF, OUTPUT_BUFFER);
	if (stdio_guard_output(&why) < 0 || run(&options, &why) < 0 ||
	    stdio_finish(&why) < 0)
		errx(1, "%s", why.text);
	free(buffer);
	return 0;
}
