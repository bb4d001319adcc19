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

/* What comes out of a child. */
struct exchange {
	uint64_t first; /* nanoseconds to its first byte on stdout */
	uint64_t rest;  /* nanoseconds from there to its end */
	size_t most;    /* bytes of each stream */

	char *out; /* its stdout, ended by a NUL that is not counted */
	size_t out_size;
	char *err; /* its stderr, likewise */
	size_t err_size;
};

/* Reads the child's stdout and stderr, of those two the ones that are pipes to
 * us (CHILD_WRITES), until one of the ends above. The child is neither killed
 * nor reaped: child_end does that. out and err are the caller's to free after
 * each end. */
enum exchange_end exchange_run(struct exchange *exchange, struct child *child);

#endif
