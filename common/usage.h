#ifndef USAGE_H
#define USAGE_H

#include <stdio.h>

/* An option of a command, for getopt(3) and for -h. */
struct usage_option {
	char letter;
	const char
	    *argument;    /* name of its argument for -h; NULL: it takes none */
	const char *help; /* one line */
};

/* The usage of a command. -h, -V, --help and --version need no entry. */
struct usage {
	const char *command;
	const char *synopsis; /* what follows the command's name; may be several
				 lines */
	const struct usage_option *options; /* ended by an entry of zeros */
	int wrong;                          /* exit status for a usage error */
	int failed; /* exit status when stdout cannot be written */
};

/* Returns the letter of the next option and sets optarg and optind, as
 * getopt(3) does; -1 when there is none. The caller passes 'h', 'V', '?'
 * (unknown option) and ':' (missing argument) to usage_answer. */
int usage_next(const struct usage *usage, int argc, char *argv[]);

/* Handles what usage_next returned: prints help for 'h' and the version for 'V'
 * on out, and on err the usage, for '?' and ':' after a line that names the
 * option, and for '?' a similar one. Returns the exit status. */
int usage_answer(
    const struct usage *usage, int c, char *argv[], FILE *out, FILE *err);

/* Reports a usage error that the command has found: prints the formatted line
 * and the usage. Returns the exit status. */
int usage_wrong(const struct usage *usage, FILE *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
