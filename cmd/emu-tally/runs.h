#ifndef RUNS_H
#define RUNS_H

#include "reason.h"
#include "run.h"

#include <stddef.h>

struct runs {
	struct run *list; /* owned */
	size_t count, room;
};

/* Reads the records in these files. Returns 0, or -1 with the reason; runs_free
 * either way. */
int runs_read(struct runs *runs, char *files[], struct reason *why);

/* Puts the runs in the order of the names in the file, one a line; those of the
 * same name together, in their order, and those of none behind. A name that has
 * no run gets one without a record. Returns 0, or -1 with the reason. */
int runs_order(struct runs *runs, const char *file, struct reason *why);

void runs_free(struct runs *runs);

#endif
