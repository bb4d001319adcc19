#include "ring.h"

#include <stdlib.h>

int
ring_open(struct ring *ring, size_t count, size_t size, struct reason *why)
{
	*ring = (struct ring){.lock = PTHREAD_MUTEX_INITIALIZER,
	    .changed = PTHREAD_COND_INITIALIZER,
	    .count = count};
	for (size_t i = 0; i < count; i++) {
		ring->blocks[i].data = malloc(size);
		if (ring->blocks[i].data == NULL)
			return reason_memory(why);
	}
	return 0;
}

void
ring_close(struct ring *ring)
{
	for (size_t i = 0; i < ring->count; i++)
		free(ring->blocks[i].data);
	pthread_cond_destroy(&ring->changed);
	pthread_mutex_destroy(&ring->lock);
}

unsigned char *
ring_room(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	while (ring->filled - ring->emptied == ring->count && !ring->stopped)
		pthread_cond_wait(&ring->changed, &ring->lock);
	unsigned char *data =
	    ring->stopped ? NULL
			  : ring->blocks[ring->filled % ring->count].data;
	pthread_mutex_unlock(&ring->lock);
	return data;
}

/* Who waits is woken when half of the ring is ready for it: to wake a thread at
 * every block takes as long as the block, where the processor sleeps deeply. */
void
ring_put(struct ring *ring, size_t len)
{
	if (len == 0)
		return;
	pthread_mutex_lock(&ring->lock);
	ring->blocks[ring->filled++ % ring->count].len = len;
	if (ring->filled - ring->emptied >= ring->count / 2)
		pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
}

bool
ring_end(struct ring *ring, const struct reason *why)
{
	pthread_mutex_lock(&ring->lock);
	ring->ended = true;
	ring->failed = why != NULL;
	if (why != NULL)
		ring->why = *why;
	bool stopped = ring->stopped;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	return stopped;
}

ssize_t
ring_next(struct ring *ring, const void **block, struct reason *why)
{
	ssize_t len = 0;

	pthread_mutex_lock(&ring->lock);
	if (ring->in_use) {
		ring->emptied++;
		ring->in_use = false;
		if (ring->filled - ring->emptied <= ring->count / 2)
			pthread_cond_signal(&ring->changed);
	}
	while (ring->filled == ring->emptied && !ring->ended && !ring->stopped)
		pthread_cond_wait(&ring->changed, &ring->lock);
	if (ring->filled > ring->emptied) {
		const struct ring_block *b =
		    &ring->blocks[ring->emptied % ring->count];

		*block = b->data;
		len = (ssize_t)b->len;
		ring->in_use = true;
	} else if (ring->failed) {
		*why = ring->why;
		len = -1;
	}
	pthread_mutex_unlock(&ring->lock);
	return len;
}

bool
ring_stop(struct ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	ring->stopped = true;
	bool ended = ring->ended;
	pthread_cond_signal(&ring->changed);
	pthread_mutex_unlock(&ring->lock);
	return ended;
}
