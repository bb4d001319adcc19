#ifndef LOOP_H
#define LOOP_H

#include "matcher.h"
#include "reason.h"
#include "verdict.h"

#include <stdint.h>

/* Why the copying ended. */
enum loop_end {
	LOOP_VERDICT, /* it is final */
	LOOP_EOF,
	LOOP_TIMEOUT, /* too late */
	LOOP_SILENCE,
	LOOP_READER, /* stdout's reader went away */
};

struct loop {
	struct matcher *matcher;
	struct verdict *verdict;
	uint64_t total;   /* nanoseconds; 0: no limit */
	uint64_t silence; /* the same */
	uint64_t elapsed; /* since the start, when it had ended */
	uint64_t bytes;   /* copied */
};

/* Copies stdin to stdout, each byte before it is looked at, until there is a
 * reason to end. Returns it, or -1 with the reason why it could not. */
int loop_run(struct loop *loop, struct reason *why);

#endif
