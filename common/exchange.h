#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "child.h"

#include <stddef.h>
#include <stdint.h>

enum exchange_end {
	EXCHANGE_DONE,   /* it has exited, and all that it wrote is here */
	EXCHANGE_FULL,   /* stdout or stderr came to `most` bytes */
	EXCHANGE_SILENT, /* no first byte on stdout in time */
	EXCHANGE_SLOW,   /* not done in time after the first byte */
	EXCHANGE_FAILED, /* no memory, or reading failed: errno says */
};

/* What goes into a child and what comes out. */
struct exchange {
	const char *input; /* for its stdin */
	size_t input_size;
	uint64_t first; /* nanoseconds to its first byte on stdout */
	uint64_t rest;  /* nanoseconds from there to its end */
	size_t most;    /* bytes of each stream */

	char *out; /* its stdout, ended by a NUL that is not counted */
	size_t out_size;
	char *err; /* its stderr, likewise */
	size_t err_size;
};

/* Writes the input to the child's stdin and reads its stdout and stderr
 * meanwhile, of those three the ones that are pipes to us (CHILD_READS,
 * CHILD_WRITES), until one of the ends above. A child that closes its stdin
 * early misses the rest of the input. The child is neither killed nor reaped:
 * child_end does that. out and err are the caller's to free after each end. */
enum exchange_end exchange_run(struct exchange *exchange, struct child *child);

#endif
