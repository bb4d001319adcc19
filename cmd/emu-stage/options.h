#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* The command line. */
struct options {
	const char *directory; /* -d, else $EMU_SCRATCH */
	const char *cache;     /* -c, else $EMU_CACHE, or NULL */
	const char *manifest;  /* -i, or NULL */
	const char *archive;   /* -x, or NULL; "-" for stdin */
	const char *zbi;       /* -I, or NULL */
	const char *document;  /* the operand, or NULL: stdin */
	uint64_t cache_max;    /* -C */
	uint64_t max;          /* -M: the largest image allowed */
	bool reads_stdin;      /* one of the three above is standard input */
	bool link;             /* -L */
	bool overlay;          /* -o */
	bool verbose;          /* -v */
};

#endif
