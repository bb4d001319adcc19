#ifndef RING_H
#define RING_H

#include "reason.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { RING_BLOCKS_MAX = 16 };

struct ring_block {
	unsigned char *data;
	size_t len;
};

/* Blocks between one thread that fills them and one that empties them. */
struct ring {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct ring_block blocks[RING_BLOCKS_MAX];
	size_t count;
	size_t filled;  /* blocks ever filled */
	size_t emptied; /* blocks ever emptied, but for the one in use */
	bool in_use;    /* block `emptied` is being looked at */
	bool ended;     /* no more will be filled */
	bool stopped;
	bool failed;
	struct reason why;
};

/* Makes a ring of count blocks, from 2 to RING_BLOCKS_MAX, of size bytes each.
 * Returns 0, or -1 with the reason. ring_close frees what either has left. */
int ring_open(struct ring *ring, size_t count, size_t size, struct reason *why);
void ring_close(struct ring *ring);

/* Waits for an empty block; NULL when the ring is stopped. ring_put passes it
 * on with len bytes in it; with none, it is had again. */
unsigned char *ring_room(struct ring *ring);
void ring_put(struct ring *ring, size_t len);

/* Nothing more will be put. With why, it was a failure. Returns whether the
 * ring had been stopped. */
bool ring_end(struct ring *ring, const struct reason *why);

/* Waits for the next block, which is valid until the next call. Returns its
 * length, 0 at the end or when the ring is stopped, or -1 with the reason. */
ssize_t ring_next(struct ring *ring, const void **block, struct reason *why);

/* Lets both threads wait no longer. Returns whether the ring had ended. */
bool ring_stop(struct ring *ring);

#endif
