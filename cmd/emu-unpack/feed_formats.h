#ifndef FEED_FORMATS_H
#define FEED_FORMATS_H

#include "reason.h"
#include "ring.h"

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
	const char *name;
	struct ring *ring; /* where more comes from */
	const unsigned char *next;
	size_t len; /* at next */
	bool ended; /* nothing follows these */
};

/* Waits for the next bytes, when the last are used up. At the end there are
 * none. Returns 0, or -1 with the reason. */
int feed_input_more(struct feed_input *input, struct reason *why);

/* Each takes the whole input to its end and puts what it makes into blocks of
 * FEED_BLOCK bytes, until they are stopped. Returns 0, or -1 with the reason.
 */
int feed_gzip(struct ring *made, struct feed_input *input, struct reason *why);
int feed_xz(struct ring *made, struct feed_input *input, struct reason *why);
int feed_zstd(struct ring *made, struct feed_input *input, struct reason *why);

#endif
