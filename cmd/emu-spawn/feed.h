#ifndef FEED_H
#define FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* It should take as much at once before somebody is asked for more. */
enum { FEED_LEAST = 1024 };

/* Bytes on their way to the guest, from whatever source, in order. */
struct feed {
	char *buf;
	size_t start;
	size_t len;
	uint64_t sent;
};

/* Returns 0, or -1 with errno. */
int feed_open(struct feed *feed);
void feed_close(struct feed *feed);

/* How many bytes it can take. */
size_t feed_room(const struct feed *feed);

/* Where to read to, and at most how much; 0 bytes when it is full. What was
 * read is then added. */
size_t feed_space(struct feed *feed, char **at);
void feed_add(struct feed *feed, size_t len);

/* Writes what fd (non-blocking) takes. Returns 0, or -1 with errno when the
 * other end is gone; then all is forgotten. */
int feed_send(struct feed *feed, int fd);

/* Forgets what was not sent: there is nobody to send it to. */
void feed_forget(struct feed *feed);

#endif
