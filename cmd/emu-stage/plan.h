#ifndef PLAN_H
#define PLAN_H

#include "cache.h"
#include "job.h"

/* Finds out what is to be made from what, in the directory that jobs has; looks
 * at every source, reads none. Returns 0, or -1 with the reason; jobs_free
 * frees either way. */
int plan_jobs(struct jobs *jobs, const struct document *document,
    const struct options *options, const struct cache *cache,
    struct reason *why);

#endif
