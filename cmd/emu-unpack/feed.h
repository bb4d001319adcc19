#ifndef FEED_H
#define FEED_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bytes read from a descriptor and, when they are compressed, decompressed,
 * each in a thread of its own. */
struct feed;

/* How the bytes are compressed, by their first ones. */
enum feed_format {
	FEED_PLAIN, /* or in a way that is not known here */
	FEED_GZIP,
	FEED_XZ,
	FEED_ZSTD,
};

/* The format of what starts with these bytes. */
enum feed_format feed_format(const unsigned char *start, size_t len);

/* Starts reading fd, which messages call name; with plain, as it is. Both must
 * last as long as the feed. Returns NULL with the reason. */
struct feed *feed_start(
    int fd, const char *name, bool plain, struct reason *why);

/* Tells what the feed decompresses. */
enum feed_format feed_kind(const struct feed *feed);

/* Waits for the next block, which is valid until the next call. Returns its
 * length, 0 at the end, or -1 with the reason. */
ssize_t feed_next(struct feed *feed, const void **block, struct reason *why);

/* Stops the threads and frees everything. A thread that waits for more input
 * from a pipe is left waiting, for the end of the process. */
void feed_stop(struct feed *feed);

#endif
