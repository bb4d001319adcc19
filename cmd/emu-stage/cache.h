#ifndef CACHE_H
#define CACHE_H

#include "job.h"
#include "new_files.h"
#include "reason.h"

#include <stdbool.h>
#include <stdint.h>

/* A directory that keeps what was extracted and decompressed, for the next run.
 * An entry's name says where it came from (the source's device, inode, size and
 * mtime, and the member) and what it holds (its size, and a sum of its bytes).
 * It is whole when it appears, is never written again, and has its source's
 * mtime. One of another size or mtime, or whose bytes have another sum, is
 * damaged, and replaced. Its atime is that of its last use. */
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

/* Tells whether the bytes of an entry that was copied were those it should
 * have; removes it when not. Returns 0, or -1 with the reason. */
int cache_check(
    const struct cache *cache, const struct jobs *jobs, struct reason *why);

/* Keeps the results that emu-unpack has made, and says so in the jobs. That
 * something could not be kept is no failure of the run. */
void cache_keep(const struct cache *cache, const struct jobs *jobs);

/* Removes the entries that were not used for longest, until the rest fits; but
 * none that an image of this run is linked to. */
void cache_shrink(const struct cache *cache, const struct jobs *jobs);

void cache_close(struct cache *cache);

#endif
