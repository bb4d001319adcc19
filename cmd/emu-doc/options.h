#ifndef OPTIONS_H
#define OPTIONS_H

#include "target.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct options {
	struct targets targets;      /* all known targets */
	const struct target *target; /* -A; NULL: the files decide */
	const char *target_name;     /* the same as it was given */
	const char *device;          /* -n, of a bundle; NULL: not given */
	/* Keys that the document gets: target, cpu, memory and kvm, where they
	 * were given; owned. */
	json_t *keys;
	/* The arguments of -a, -e, -f and -s: arrays of strings; owned. */
	json_t *args, *extra, *forwards, *shares;
	bool keep_disks; /* -u: the guest writes to the user's files */
	char **files;
	size_t file_count;
};

/* Parses the command line. Ends the program after a usage error, -h and -V. */
void options_parse(struct options *options, int argc, char *argv[]);
void options_free(struct options *options);

#endif
