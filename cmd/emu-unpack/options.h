#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The command line. */
struct options {
	const char *directory; /* -d, else $EMU_SCRATCH */
	const char *source;    /* a file; "-" for stdin */
	const char *name;      /* -n: what messages call it */
	char **operands;       /* those behind the source */
	size_t count;
	uint64_t max;    /* -M: the largest file to be made */
	bool manifest;   /* -m */
	bool words;      /* -w */
	bool decompress; /* -z */
};

#endif
