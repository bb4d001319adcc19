#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "child.h"

#include <stddef.h>
#include <stdint.h>

enum exchange_end {
	EXCHANGE_DONE,   /* the child has exited and its output is complete */
	EXCHANGE_FULL,   /* stdout or stderr reached `most` bytes */
	EXCHANGE_SILENT, /* no byte came on stdout within `first` */
	EXCHANGE_SLOW,   /* the child did not end within `rest` */
	EXCHANGE_FAILED, /* no memory, or a read failed; errno is set */
};

/* The limits and the output of an exchange with a child. */
struct exchange {
	uint64_t first; /* ns allowed until the first byte on stdout */
	uint64_t rest;  /* ns allowed from there until the child's end */
	size_t most;    /* bytes allowed on each stream */

	char *out; /* its stdout, ended by a NUL that is not counted */
	size_t out_size;
	char *err; /* its stderr, likewise */
	size_t err_size;
};

/* Reads the child's stdout and stderr, if they are pipes to this process
 * (CHILD_WRITES), until one of the ends above. The child is neither killed nor
 * reaped; child_end does that. The caller frees out and err whatever the
 * result. */
enum exchange_end exchange_run(struct exchange *exchange, struct child *child);

#endif
