#ifndef LOOP_H
#define LOOP_H

#include "findings.h"
#include "matcher.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why the loop ended. */
enum loop_end {
	LOOP_GOES_ON,
	LOOP_VERDICT, /* the verdict is final */
	LOOP_EOF,
	LOOP_TIMEOUT, /* the limit `total` was reached */
	LOOP_SILENCE,
	LOOP_READER, /* the reader of stdout has closed it */
};

/* Times are nanoseconds since the start. */
struct loop {
	struct matcher *matcher;
	struct findings *findings;
	uint64_t total;   /* 0: no limit */
	uint64_t silence; /* the same */
	uint64_t elapsed; /* time of the last look at the clock */
	uint64_t bytes;   /* bytes copied */

	int out;
	uint64_t start; /* of the loop, by clock_now */
	uint64_t last;  /* time of the last byte */
	size_t written; /* bytes of the buffer that were written */
	size_t filled;
	bool ended;   /* the input has ended */
	char *buffer; /* of MATCHER_FEED bytes, while the loop runs */
};

/* Copies stdin to stdout, and searches each byte after it was written, until
 * there is a reason to end, which it returns. The caller sets the first four
 * members, and the others to 0. */
enum loop_end loop_run(struct loop *loop);

#endif
