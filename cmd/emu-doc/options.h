#ifndef OPTIONS_H
#define OPTIONS_H

#include "target.h"

#include <stdbool.h>
#include <stddef.h>

/* The arguments of an option that may be repeated. The array is owned, the
 * strings are not. */
struct strings {
	const char **list;
	size_t count;
};

struct options {
	struct targets targets;      /* all known targets */
	const char *target_name;     /* -A; NULL: the files decide */
	const struct target *target; /* the same */
	const char *device;          /* of a bundle; NULL: not given */
	const char *kvm;             /* "yes", "no", "auto"; NULL: not given */
	long memory;                 /* MiB; 0: not given */
	long cpus;                   /* 0: not given */
	struct strings args;         /* kernel arguments */
	struct strings extra;        /* words for the emulator */
	struct strings forwards, shares;
	bool keep_disks; /* the guest writes to the user's files */
	char **files;
	size_t file_count;
};

/* Parses the command line. Ends the program after a usage error, -h and -V. */
void options_parse(struct options *options, int argc, char *argv[]);
void options_free(struct options *options);

#endif
