#ifndef CACHE_DIR_H
#define CACHE_DIR_H

#include "digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

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

/* An entry, an image or a link. */
struct cache_entry {
	char name[CACHE_NAME];
	uint64_t bytes; /* on disk */
	struct timespec used;
};

/* Opens the directory, and makes it when it is not there; one that is neither
 * empty nor a cache of ours is refused. As long as it is open, nobody removes
 * an entry from it. */
void cache_dir_open(struct cache_dir *cache, const char *name);

/* Whether this is the name of an image. */
bool cache_dir_is_image(const char *name);

/* Lists the entries, the least recently used ones first. Returns their number;
 * the caller frees *list. */
size_t cache_dir_list(const struct cache_dir *cache, struct cache_entry **list);

/* Waits until no other process makes what is known by this key, and keeps the
 * others waiting until cache_dir_unlock or the end of the process. Whoever
 * takes several locks takes them in the order of their keys. Where the file
 * system has no locks, nobody waits. */
void cache_dir_lock(const struct cache_dir *cache, const char *key);
void cache_dir_unlock(const struct cache_dir *cache, const char *key);

/* Returns whether no other process uses the cache; those that want to wait
 * until cache_dir_share then. */
bool cache_dir_have_alone(const struct cache_dir *cache);
void cache_dir_share(const struct cache_dir *cache);

#endif
