#ifndef PROGRESS_H
#define PROGRESS_H

#include "recipe.h"

#include <stdbool.h>
#include <stdint.h>

/* Tells people how far it is, on stderr: on a terminal in a line that comes
 * after a second and goes at the end, elsewhere in a line every 30 s, for those
 * who take silence for death. */
struct progress {
	const struct staging *staging;
	uint64_t start;
	uint64_t due; /* when to tell next, of clock_now */
	bool terminal;
	bool shown; /* a line that goes at the end */
};

void progress_start(struct progress *progress, const struct staging *staging);

/* Tells, and sets the time to tell next. */
void progress_tell(struct progress *progress);

void progress_end(const struct progress *progress);

#endif
