#ifndef OPTIONS_H
#define OPTIONS_H

#include "target.h"

#include <stdbool.h>
#include <stddef.h>

/* Words of an option that may be repeated; the array is owned. */
struct words {
	const char **list;
	size_t count;
};

struct options {
	struct targets targets;      /* all there are */
	const struct target *target; /* NULL: what the files are for */
	const char *device; /* a bundle's virtual device; NULL: not said */
	const char *kvm;    /* "yes", "no", "auto"; NULL: not said */
	long memory;        /* MiB; 0: not said */
	long cpus;          /* 0: not said */
	struct words args;  /* kernel arguments */
	struct words extra; /* for the emulator */
	struct words forwards, shares;
	bool keep_disks; /* what the guest writes is to stay */
	char **files;
	size_t file_count;
};

/* Parses the command line. A wrong call ends the program, -h and -V too. */
void options_parse(struct options *options, int argc, char *argv[]);
void options_free(struct options *options);

#endif
