#include "usage.h"

#include "duration.h"
#include "fatal.h"
#include "size.h"
#include "stdio_guard.h"

#include <ctype.h>
#include <err.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LETTERS = 128,
	COLUMN = 14, /* where the help of an option begins */
};

/* The option string of getopt(3): options end at the first operand, and
 * messages are ours. */
static void
make_letters(const struct usage *usage, char letters[static LETTERS])
{
	char *at = letters;

	*at++ = '+';
	*at++ = ':';
	for (const struct usage_option *o = usage->options; o->letter != '\0';
	     o++) {
		*at++ = o->letter;
		if (o->argument != NULL)
			*at++ = ':';
	}
	strcpy(at, "hV");
}

/* Returns the letter of the next option, as getopt(3) does. An unknown long
 * option is '?' with an optopt of 0. */
static int
next_letter(const struct usage *usage, int argc, char *argv[])
{
	char letters[LETTERS];

	if (optind < argc && strncmp(argv[optind], "--", 2) == 0 &&
	    argv[optind][2] != '\0') {
		if (strcmp(argv[optind], "--help") == 0)
			return 'h';
		if (strcmp(argv[optind], "--version") == 0)
			return 'V';
		optopt = 0;
		return '?';
	}
	make_letters(usage, letters);
	return getopt(argc, argv, letters);
}

static void
write_usage(const struct usage *usage, FILE *f)
{
	fprintf(f, "usage: %s %s\n", usage->command, usage->synopsis);
}

static void
write_option(char letter, const char *argument, const char *help)
{
	int n = printf("  -%c%s%s", letter, argument == NULL ? "" : " ",
	    argument == NULL ? "" : argument);

	printf("%*s%s\n", n < COLUMN ? COLUMN - n : 2, "", help);
}

static void
write_help(const struct usage *usage)
{
	write_usage(usage, stdout);
	putchar('\n');
	for (const struct usage_option *o = usage->options; o->letter != '\0';
	     o++)
		write_option(o->letter, o->argument, o->help);
	write_option('h', NULL, "print this help");
	write_option('V', NULL, "print the version");
}

/* Ends the program after a text on stdout that is all of it. */
static _Noreturn void
finish(void)
{
	struct reason why;

	fatal_if(stdio_finish(&why) < 0, &why);
	exit(0);
}

void
usage_wrong(const struct usage *usage, const char *format, ...)
{
	struct reason why;
	va_list ap;

	va_start(ap, format);
	reason_vset(&why, format, ap);
	va_end(ap);
	warnx("%s", why.text);
	write_usage(usage, stderr);
	exit(fatal_status == 1 ? 2 : fatal_status);
}

/* The option that an unknown letter or long word may have meant, or NULL. */
static const struct usage_option *
nearest(const struct usage *usage, const char *word)
{
	for (const struct usage_option *o = usage->options; o->letter != '\0';
	     o++) {
		if (word[1] == '\0' ? tolower((unsigned char)word[0]) ==
					  tolower((unsigned char)o->letter)
				    : strstr(o->help, word) != NULL ||
					  (o->argument != NULL &&
					      strcmp(o->argument, word) == 0))
			return o;
	}
	return NULL;
}

static _Noreturn void
refuse_unknown(const struct usage *usage, char *argv[])
{
	const char letter[2] = {(char)optopt, '\0'};
	const char *word = optopt != 0 ? letter : argv[optind] + 2;
	const char *dash = optopt != 0 ? "-" : "--";
	const struct usage_option *near = nearest(usage, word);

	if (near == NULL)
		usage_wrong(usage, "%s%s: unknown option", dash, word);
	usage_wrong(usage, "%s%s: unknown option; did you mean -%c (%s)?", dash,
	    word, near->letter, near->help);
}

static void
take(
    const struct usage *usage, const struct usage_option *option, void *options)
{
	void *at = (char *)options + option->at;
	struct reason why;

	if (option->take != NULL) {
		if (option->take(at, option->letter, &why) < 0)
			usage_wrong(usage, "-%c: %s", option->letter, why.text);
	} else if (option->argument == NULL) {
		*(bool *)at = true;
	} else if (option->kind == USAGE_TEXT) {
		*(const char **)at = optarg;
	} else if (option->kind == USAGE_TIME) {
		if (duration_parse(optarg, at) < 0)
			usage_wrong(usage, "-%c: not a duration: %s",
			    option->letter, optarg);
	} else if (size_parse(optarg, at) < 0) {
		usage_wrong(
		    usage, "-%c: not a size: %s", option->letter, optarg);
	}
}

void
usage_parse(const struct usage *usage, int argc, char *argv[], void *options)
{
	int c;

	while ((c = next_letter(usage, argc, argv)) != -1) {
		const struct usage_option *option = usage->options;

		while (option->letter != '\0' && option->letter != c)
			option++;
		if (option->letter != '\0') {
			take(usage, option, options);
		} else if (c == 'h') {
			write_help(usage);
			finish();
		} else if (c == 'V') {
			printf("%s %s\n", usage->command, VERSION);
			finish();
		} else if (c == ':') {
			usage_wrong(
			    usage, "-%c: an argument is missing", optopt);
		} else {
			refuse_unknown(usage, argv);
		}
	}
}
