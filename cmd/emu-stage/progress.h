#ifndef PROGRESS_H
#define PROGRESS_H

#include "recipe.h"

#include <stdbool.h>
#include <stdint.h>

/* Reports on stderr how many bytes are done. A terminal gets a line that is
 * renewed five times a second, after the first second, and goes at the end.
 * Anything else gets a line every 30 s, because some CI systems kill a job that
 * is silent. */
struct progress {
	const struct staging *staging;
	uint64_t start; /* as clock_now returned it */
	uint64_t due;   /* the time of the next report, likewise */
	bool terminal;
	bool shown; /* there is a line that goes at the end */
};

/* Starts the clock. */
void progress_start(struct progress *progress, const struct staging *staging);

/* Reports, and sets the time of the next report. */
void progress_tell(struct progress *progress);

/* Removes the line from the terminal. */
void progress_end(const struct progress *progress);

#endif
