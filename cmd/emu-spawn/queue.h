#ifndef QUEUE_H
#define QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A source is asked for more only while so much fits. */
enum { QUEUE_LEAST = 1024 };

/* Bytes on their way to the guest, from whatever source, in order. */
struct queue {
	char *bytes;
	size_t start, len;
	uint64_t sent;
};

/* Returns 0, or -1 with errno. */
int queue_open(struct queue *queue);
void queue_close(struct queue *queue);

/* Whether a source may be asked for more. */
bool queue_has_room(const struct queue *queue);

/* Stores where to read to, and returns how much fits there; 0: nothing. What
 * was read is then added. */
size_t queue_space(struct queue *queue, char **at);
void queue_add(struct queue *queue, size_t len);

/* Writes what fd (non-blocking) takes. Returns 0, or -1 with errno when the
 * other end is gone; then the rest is forgotten. */
int queue_send(struct queue *queue, int fd);

/* Forgets what was not sent: there is nobody to send it to. */
void queue_forget(struct queue *queue);

#endif
