#ifndef SWEEP_H
#define SWEEP_H

#include "scratch.h"

/* Removes what runs that were killed whole (or by a power cut) left beside the
 * directory chosen: their directories, and the processes that still have one in
 * their environment. Only this user's, unmarked and without a lease. What
 * resists is left, silently: the run that left it has said so. */
void sweep(const struct scratch *chosen);

#endif
