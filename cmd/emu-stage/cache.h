#ifndef CACHE_H
#define CACHE_H

#include "cache_dir.h"
#include "recipe.h"

/* Keeps what was extracted and decompressed, for the next run. */

/* Gives the recipe, which is to be extracted or decompressed from a file, the
 * key that the cache knows its result by: the SHA-256 that the document wants,
 * else the source's device, inode, size, mtime and ctime, and the member. */
void cache_key(struct recipe *recipe);

/* Of the recipes that have a key, changes those whose results are there to take
 * them from there; waits for other runs that make one of the results. */
void cache_find(const struct cache_dir *cache, struct staging *staging);

/* Removes an entry whose bytes are not what its name says, and ends the
 * program. */
_Noreturn void cache_refuse(
    const struct cache_dir *cache, const struct recipe *recipe);

/* Keeps the results of those recipes that have a key and an image of their own
 * now. That something could not be kept is no failure of the run; it is told on
 * stderr. */
void cache_keep(const struct cache_dir *cache, struct staging *staging);

/* Removes the images that were not used for longest until the rest takes at
 * most `max` bytes on disk, but none that this run uses; and then the links
 * that lead nowhere. Does nothing while another process uses the cache. */
void cache_shrink(
    const struct cache_dir *cache, const struct staging *staging, uint64_t max);

#endif
