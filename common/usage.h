#ifndef USAGE_H
#define USAGE_H

#include <stdio.h>

/* An option of a command, for getopt(3) and for the help. */
struct usage_option {
	char letter;
	const char *argument; /* its name in the help; NULL: takes none */
	const char *help;     /* one line */
};

/* How a command is called. -h and -V, --help and --version need no entry. */
struct usage {
	const char *command;
	const char *synopsis; /* behind the command's name; lines may follow */
	const struct usage_option *options; /* ended by an entry of zeros */
	int wrong;                          /* exit status of a wrong call */
	int failed; /* exit status when stdout cannot be written */
};

/* Returns the letter of the next option, as getopt(3) with optarg and optind;
 * -1 when there is none. 'h', 'V', '?' (unknown) and ':' (without its argument)
 * are for usage_answer. */
int usage_next(const struct usage *usage, int argc, char *argv[]);

/* Answers what usage_next returned: 'h' and 'V' on out, '?' and ':' with a line
 * that names the option and the nearest one there is, and the usage, on err.
 * Anything else writes the usage alone. Returns the status to exit with. */
int usage_answer(
    const struct usage *usage, int c, char *argv[], FILE *out, FILE *err);

/* A wrong call found by the command itself: a line made from the format, and
 * the usage. Returns the status to exit with. */
int usage_wrong(const struct usage *usage, FILE *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
