#ifndef GROUPS_H
#define GROUPS_H

#include "reason.h"
#include "runs.h"

/* Runs that ended alike: with the same cause and the same status. */
struct group {
	const char *cause; /* borrowed from a run */
	int status;
	bool whole, passed;
	size_t count;
	double least, median, most; /* seconds; negative: not known */
	const struct run **runs;    /* in their order; owned by the groups */
};

struct groups {
	struct group *list; /* those that passed first, then the largest */
	size_t count;
	size_t runs, passed;
	const struct run **sorted;
};

/* Groups the runs, which must outlive the groups. Returns 0, or -1 with the
 * reason; groups_free either way. */
int groups_make(
    struct groups *groups, const struct runs *runs, struct reason *why);

void groups_free(struct groups *groups);

#endif
