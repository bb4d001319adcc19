#ifndef CACHE_DIR_H
#define CACHE_DIR_H

#include "recipe.h"

#include <stdbool.h>
#include <stdint.h>

/* The directory of a cache, which is of our own making: it has our CACHEDIR.TAG
 * (https://bford.info/cachedir/), a file "lock", and entries:
 *
 *     image-SHA256   an image, whose SHA-256 is in its name
 *     source-SHA256  a symbolic link to one: the image that came of a source;
 *                    the digest is that of what the source is known by
 *
 * Nothing else in it is looked at or removed. An image is whole when it
 * appears, has mode 0400 and the mtime 0, so that a write to it shows; its
 * atime is that of its last use. */
struct cache_dir {
	int fd; /* -1: there is none */
	int lock;
	const char *name;
};

enum { CACHE_NAME = sizeof("source-") + DIGEST_TEXT };

/* Opens the directory of that name, which must outlast *cache, and creates it
 * if necessary; NULL is no cache. A directory that is neither empty nor a cache
 * of ours ends the program. As long as the process lives, no other process
 * removes an entry from the cache. */
void cache_dir_open(struct cache_dir *cache, const char *name);

/* Whether this is the name of an image. */
bool cache_dir_is_image(const char *name);

/* Waits until no other process makes the image of this key, and makes the
 * others wait until cache_dir_unlock or the end of the process. A caller that
 * takes several locks takes them in the order of their keys. On a file system
 * without locks, nobody waits. */
void cache_dir_lock(const struct cache_dir *cache, const char *key);
void cache_dir_unlock(const struct cache_dir *cache, const char *key);

/* Removes the least recently used images until the rest takes at most `max`
 * bytes on disk, except those that images of this run are linked to; and then
 * the links that lead nowhere, and images that were never finished. Does
 * nothing without a cache, or while another process uses it; processes that
 * begin to use it wait meanwhile. */
void cache_dir_shrink(
    const struct cache_dir *cache, const struct staging *staging, uint64_t max);

#endif
