#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FEED_BYTES = 16384 };

int
feed_open(struct feed *feed)
{
	*feed = (struct feed){.buf = malloc(FEED_BYTES)};
	return feed->buf == NULL ? -1 : 0;
}

void
feed_close(struct feed *feed)
{
	free(feed->buf);
	*feed = (struct feed){0};
}

size_t
feed_room(const struct feed *feed)
{
	return FEED_BYTES - feed->len;
}

size_t
feed_space(struct feed *feed, char **at)
{
	if (feed->start > 0 && feed->len > 0)
		memmove(feed->buf, feed->buf + feed->start, feed->len);
	feed->start = 0;
	*at = feed->buf + feed->len;
	return feed_room(feed);
}

void
feed_add(struct feed *feed, size_t len)
{
	feed->len += len;
}

int
feed_send(struct feed *feed, int fd)
{
	while (feed->len > 0) {
		ssize_t n = write(fd, feed->buf + feed->start, feed->len);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (n < 0) {
			feed->len = 0;
			return -1;
		}
		feed->start += (size_t)n;
		feed->len -= (size_t)n;
		feed->sent += (uint64_t)n;
	}
	return 0;
}

void
feed_forget(struct feed *feed)
{
	feed->len = 0;
}
