#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* The command line. */
struct options {
	const char *document;  /* NULL: stdin */
	const char *directory; /* -d, else EMU_SCRATCH, else NULL */
	const char *manifest;  /* -i */
	const char *image;     /* -f */
	uint64_t length;       /* -l */
	bool length_given;
	double scale;                  /* EMU_TIME_SCALE */
	bool info, json, dry, verbose; /* -I -j -n -v */
};

#endif
