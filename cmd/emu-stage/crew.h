#ifndef CREW_H
#define CREW_H

#include "job.h"
#include "reason.h"

/* Copies the images that are to be copied, side by side: as many threads as
 * there are processors take ranges of them. Returns 0 when all are whole, or
 * -1 with the reason of the first failure; the others are stopped then. */
int crew_copy(struct jobs *jobs, struct reason *why);

#endif
