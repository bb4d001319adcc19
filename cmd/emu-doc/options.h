#ifndef OPTIONS_H
#define OPTIONS_H

#include <stddef.h>

struct options {
	const char *target; /* NULL: what the files are for */
	long memory;        /* MiB; 0: not said */
	long cpus;          /* 0: not said */
	const char **args;  /* kernel arguments; owned */
	size_t arg_count;
	char **files;
	size_t file_count;
};

/* Parses the command line. Wrong usage ends the program, -V too. */
void options_parse(struct options *options, int argc, char *argv[]);
void options_free(struct options *options);

#endif
