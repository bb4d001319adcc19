#ifndef CACHE_H
#define CACHE_H

#include "cache_dir.h"

/* Keeps what was extracted and decompressed, for the next run. */

/* Stores the key of a recipe that extracts or decompresses a file, under which
 * the cache holds the result: the SHA-256 that the document wants, or else a
 * digest of the source's device, inode, size, mtime and ctime, and the member.
 */
void cache_key(struct recipe *recipe);

/* Finds what emu-unpack has said of an archive's manifest. The recipe, which
 * has no image, has the archive's state and the key. Returns NULL when that is
 * not known, and makes other runs of the same archive wait for this one then.
 */
json_t *cache_find_manifest(
    const struct cache_dir *cache, struct recipe *recipe);

/* Keeps it, if the recipe has a key and it was not found. */
void cache_keep_manifest(const struct cache_dir *cache,
    const struct staging *staging, struct recipe *recipe, const json_t *json);

/* Makes the cache's entry the source of each recipe that has a key, if there is
 * an entry that is whole. Waits for other runs that are making one of them. */
void cache_find(const struct cache_dir *cache, struct staging *staging);

/* Removes the entry that the recipe was made from, because its bytes are not
 * what its name says, and ends the program. */
_Noreturn void cache_refuse(
    const struct cache_dir *cache, const struct recipe *recipe);

/* Adds the results of the recipes that have a key to the cache, unless they
 * came from it. A result that cannot be kept is a warning on stderr, and not a
 * failure. */
void cache_keep(const struct cache_dir *cache, struct staging *staging);

#endif
