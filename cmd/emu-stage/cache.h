#ifndef CACHE_H
#define CACHE_H

#include "job.h"
#include "made.h"
#include "reason.h"

#include <stdbool.h>
#include <stdint.h>

/* A directory that keeps what was extracted and decompressed, for the next run.
 * An entry's name says where it came from: the source's device, inode, size and
 * mtime, and the member. It is whole when it appears, is never written again,
 * and has its source's mtime: one that has not was tampered with, and is
 * replaced. Its atime is that of its last use. */
struct cache {
	int dir; /* -1: there is none */
	const char *name;
	uint64_t max; /* bytes on disk */
};

/* Opens the cache, and makes it when it is not there. Returns 0, or -1 with the
 * reason. */
int cache_open(
    struct cache *cache, const char *name, uint64_t max, struct reason *why);

/* When the cache has the result of this job, makes the job one that takes it
 * from there. Returns 0, or -1 with the reason. */
int cache_find(const struct cache *cache, struct job *job, struct reason *why);

/* Keeps the results that emu-unpack has made; then removes the
 * entries that were not used for longest, until the rest fits. That something
 * could not be kept is no failure of the run. */
void cache_keep(const struct cache *cache, const struct jobs *jobs);

void cache_close(struct cache *cache);

#endif
