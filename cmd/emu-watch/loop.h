#ifndef LOOP_H
#define LOOP_H

#include "findings.h"
#include "matcher.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why the copying ended. */
enum loop_end {
	LOOP_VERDICT, /* it is final */
	LOOP_EOF,
	LOOP_TIMEOUT, /* too late */
	LOOP_SILENCE,
	LOOP_READER, /* stdout's reader went away */
};

/* Times are nanoseconds since the start. */
struct loop {
	struct matcher *matcher;
	struct findings *findings;
	uint64_t total;   /* 0: no limit */
	uint64_t silence; /* the same */
	uint64_t elapsed; /* when it had ended */
	uint64_t bytes;   /* copied */

	int out;
	uint64_t start; /* by the clock */
	uint64_t last;  /* byte */
	size_t written; /* of the buffer */
	size_t filled;
	bool ended;   /* the input */
	char *buffer; /* MATCHER_FEED bytes, while it runs */
};

/* Copies stdin to stdout, each byte before it is looked at, until there is a
 * reason to end. The first four members are the caller's to set, the others 0.
 * Returns the reason, or -1 with the reason why it could not. */
int loop_run(struct loop *loop, struct reason *why);

#endif
