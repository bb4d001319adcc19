#ifndef SOURCE_H
#define SOURCE_H

#include "job.h"
#include "reason.h"

/* Opens job->source and fills in job->in, st and size; of a FIFO, st alone.
 * What is neither (a directory, a terminal, a socket) is refused. Returns 0, or
 * -1 with the reason. */
int source_open(struct job *job, struct reason *why);

/* Tells whether the source is still as it was when it was opened; one that is
 * written to while it is copied is an image that never was. Returns 0, or -1
 * with the reason. */
int source_check(const struct job *job, struct reason *why);

#endif
