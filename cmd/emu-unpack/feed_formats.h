#ifndef FEED_FORMATS_H
#define FEED_FORMATS_H

#include "feed.h"
#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* The size of the blocks that are read and of those that are made; fuzzing has
 * smaller ones. */
#ifndef FEED_BLOCK_BYTES
#define FEED_BLOCK_BYTES (128 << 10)
#endif
enum { FEED_BLOCK = FEED_BLOCK_BYTES };

/* What has been read and not yet used. */
struct feed_input {
	int fd;
	const char *name;
	unsigned char *data; /* FEED_BLOCK bytes */
	const unsigned char *next;
	size_t len; /* at next */
	bool ended; /* nothing follows these */
};

/* Reads the next bytes, when the last are used up. At the end there are none.
 * Returns 0, or -1 with the reason. */
int feed_input_more(struct feed_input *input, struct reason *why);

/* Waits for an empty block of FEED_BLOCK bytes; NULL when the feed is being
 * stopped. feed_put passes it on with len bytes in it; with none, it is had
 * again. */
unsigned char *feed_output(struct feed *feed);
void feed_put(struct feed *feed, size_t len);

/* Each takes the whole input to its end. Returns 0, or -1 with the reason. */
int feed_plain(struct feed *feed, struct feed_input *input, struct reason *why);
int feed_gzip(struct feed *feed, struct feed_input *input, struct reason *why);
int feed_xz(struct feed *feed, struct feed_input *input, struct reason *why);
int feed_zstd(struct feed *feed, struct feed_input *input, struct reason *why);

#endif
