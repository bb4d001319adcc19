#ifndef USAGE_H
#define USAGE_H

#include "reason.h"

#include <stddef.h>

/* How usage_parse reads an option's argument, and the type of the member of the
 * command's struct of options that gets the value. */
enum usage_kind {
	USAGE_TEXT, /* const char *; of an option without an argument: bool */
	USAGE_TIME, /* uint64_t, nanoseconds; see duration_parse */
	USAGE_SIZE, /* uint64_t, bytes; see size_parse */
};

/* An option of a command. */
struct usage_option {
	char letter;
	const char
	    *argument;    /* name of its argument for -h; NULL: it takes none */
	const char *help; /* one line */
	size_t at; /* offset of its member; 0 may stand for the whole struct */
	enum usage_kind kind;
	/* If set, it reads the option in place of usage_parse: the argument is
	 * optarg. Returns 0, or -1 with the reason for a usage error. */
	int (*take)(void *member, char letter, struct reason *why);
};

/* The usage of a command. -h, -V, --help and --version need no entry. */
struct usage {
	const char *command;
	const char *synopsis; /* what follows the command's name; may be several
				 lines */
	const struct usage_option *options; /* ended by an entry of zeros */
};

/* Stores the options in the command's struct of options, and sets optind to the
 * first operand. Prints help or the version on stdout and ends the program,
 * where that is asked for. A usage error ends it as usage_wrong does. */
void usage_parse(
    const struct usage *usage, int argc, char *argv[], void *options);

/* Prints the formatted line and the usage on stderr, and ends the program with
 * status 2, or with fatal_status if that is not 1. */
_Noreturn void usage_wrong(const struct usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
