#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUEUE_BYTES = 16384 };

int
queue_open(struct queue *queue)
{
	*queue = (struct queue){.bytes = malloc(QUEUE_BYTES)};
	return queue->bytes == NULL ? -1 : 0;
}

void
queue_close(struct queue *queue)
{
	free(queue->bytes);
	*queue = (struct queue){0};
}

bool
queue_has_room(const struct queue *queue)
{
	return QUEUE_BYTES - queue->len > QUEUE_LEAST;
}

size_t
queue_space(struct queue *queue, char **at)
{
	if (queue->start > 0 && queue->len > 0)
		memmove(queue->bytes, queue->bytes + queue->start, queue->len);
	queue->start = 0;
	*at = queue->bytes + queue->len;
	return QUEUE_BYTES - queue->len;
}

void
queue_add(struct queue *queue, size_t len)
{
	queue->len += len;
}

int
queue_send(struct queue *queue, int fd)
{
	while (queue->len > 0) {
		ssize_t n = write(fd, queue->bytes + queue->start, queue->len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0) {
			queue->len = 0;
			return -1;
		}
		queue->start += (size_t)n;
		queue->len -= (size_t)n;
		queue->sent += (uint64_t)n;
	}
	return 0;
}

void
queue_forget(struct queue *queue)
{
	queue->len = 0;
}
