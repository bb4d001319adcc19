#include "usage.h"

#include "reason.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
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

int
usage_next(const struct usage *usage, int argc, char *argv[])
{
	char letters[LETTERS];

	if (optind < argc && strncmp(argv[optind], "--", 2) == 0 &&
	    argv[optind][2] != '\0') {
		if (strcmp(argv[optind], "--help") == 0)
			return 'h';
		if (strcmp(argv[optind], "--version") == 0)
			return 'V';
		optopt = 0; /* usage_answer looks at the word */
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
write_option(FILE *f, char letter, const char *argument, const char *help)
{
	int n = fprintf(f, "  -%c%s%s", letter, argument == NULL ? "" : " ",
	    argument == NULL ? "" : argument);

	fprintf(f, "%*s%s\n", n < COLUMN ? COLUMN - n : 2, "", help);
}

static void
write_help(const struct usage *usage, FILE *f)
{
	write_usage(usage, f);
	fputc('\n', f);
	for (const struct usage_option *o = usage->options; o->letter != '\0';
	     o++)
		write_option(f, o->letter, o->argument, o->help);
	write_option(f, 'h', NULL, "print this help");
	write_option(f, 'V', NULL, "print the version");
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

static void
write_unknown(const struct usage *usage, char *argv[], FILE *err)
{
	const char letter[2] = {(char)optopt, '\0'};
	const char *word = optopt != 0 ? letter : argv[optind] + 2;
	const struct usage_option *near = nearest(usage, word);

	const char *dash = optopt != 0 ? "-" : "--";

	/* A message is one write, so that those of a pipeline do not mix. */
	if (near == NULL)
		fprintf(err, "%s: %s%s: unknown option\n", usage->command, dash,
		    word);
	else
		fprintf(err,
		    "%s: %s%s: unknown option; did you mean -%c (%s)?\n",
		    usage->command, dash, word, near->letter, near->help);
}

/* A line on stdout that is all of it. */
static int
finish(const struct usage *usage, FILE *out, FILE *err)
{
	bool failed = ferror(out) != 0;

	errno = 0;
	if (fclose(out) == 0 && !failed)
		return 0;
	fprintf(err, "%s: <stdout>: %s\n", usage->command,
	    errno == 0 ? "not written" : strerror(errno));
	return usage->failed;
}

int
usage_answer(
    const struct usage *usage, int c, char *argv[], FILE *out, FILE *err)
{
	setvbuf(err, NULL, _IOLBF, 0); /* a line is one write(2) */
	switch (c) {
	case 'h':
		write_help(usage, out);
		return finish(usage, out, err);
	case 'V':
		fprintf(out, "%s %s\n", usage->command, VERSION);
		return finish(usage, out, err);
	case '?':
		write_unknown(usage, argv, err);
		break;
	case ':':
		fprintf(err, "%s: -%c: an argument is missing\n",
		    usage->command, optopt);
		break;
	default:
		break;
	}
	write_usage(usage, err);
	return usage->wrong;
}

int
usage_wrong(const struct usage *usage, FILE *err, const char *format, ...)
{
	struct reason text;
	char line[sizeof(text.text)];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	reason_set(&text, "%s", line);
	fprintf(err, "%s: %s\n", usage->command, text.text);
	write_usage(usage, err);
	return usage->wrong;
}
