#include "feed.h"

#include "feed_formats.h"
#include "ring.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	READ_BLOCKS = 4,
	MADE_BLOCKS = 16,
};

/* One thread reads; a second one decompresses what that has read, when it is
 * compressed. */
struct feed {
	int fd;
	const char *name;
	enum feed_format format;
	struct ring read;
	struct ring made; /* decompressed; not there for FEED_PLAIN */
	struct feed_input input;
	pthread_t reader;
	pthread_t decoder;
};

enum feed_format
feed_format(const unsigned char *start, size_t len)
{
	static const struct {
		const char *magic;
		size_t len;
		enum feed_format format;
	} formats[] = {
	    {"\x1f\x8b\x08", 3, FEED_GZIP},
	    {"\xfd"
	     "7zXZ",
		6, FEED_XZ},
	    {"\x28\xb5\x2f\xfd", 4, FEED_ZSTD},
	};

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		if (len >= formats[i].len &&
		    memcmp(start, formats[i].magic, formats[i].len) == 0)
			return formats[i].format;
	}
	return FEED_PLAIN;
}

/* Fills a block as far as there is input: a pipe gives little at a time, and
 * fewer, larger blocks are cheaper. Returns the length, or -1. */
static ssize_t
fill(int fd, unsigned char *data)
{
	size_t len = 0;

	while (len < FEED_BLOCK) {
		ssize_t n = read(fd, data + len, FEED_BLOCK - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* Who stopped the reader waits for it, unless it waits for a pipe: then it goes
 * on alone, and frees what it has by itself. */
static bool
is_pipe(int fd)
{
	return lseek(fd, 0, SEEK_CUR) < 0;
}

static void
free_reader(struct feed *feed)
{
	ring_close(&feed->read);
	free(feed);
}

static void *
run_reader(void *argument)
{
	struct feed *feed = argument;
	unsigned char *block;
	struct reason why;
	ssize_t n = FEED_BLOCK;

	while (n == FEED_BLOCK && (block = ring_room(&feed->read)) != NULL) {
		n = fill(feed->fd, block);
		if (n > 0)
			ring_put(&feed->read, (size_t)n);
	}
	if (n < 0)
		reason_errno(&why, "%s", feed->name);
	if (ring_end(&feed->read, n < 0 ? &why : NULL) && is_pipe(feed->fd))
		free_reader(feed);
	return NULL;
}

int
feed_input_more(struct feed_input *input, struct reason *why)
{
	const void *block = ""; /* at the end: not NULL, to which 0 is added */
	ssize_t n = ring_next(input->ring, &block, why);

	if (n < 0)
		return -1;
	input->next = block;
	input->len = (size_t)n;
	input->ended = n == 0;
	return 0;
}

static void *
run_decoder(void *argument)
{
	static int (*const decoders[])(
	    struct ring *, struct feed_input *, struct reason *) = {
	    [FEED_GZIP] = feed_gzip,
	    [FEED_XZ] = feed_xz,
	    [FEED_ZSTD] = feed_zstd,
	};
	struct feed *feed = argument;
	struct reason why;
	int r = decoders[feed->format](&feed->made, &feed->input, &why);

	ring_end(&feed->made, r < 0 ? &why : NULL);
	return NULL;
}

/* Stops and frees the reader and what it has read. */
static void
stop_reader(struct feed *feed)
{
	pthread_t reader = feed->reader;
	bool alone = is_pipe(feed->fd);

	if (!ring_stop(&feed->read) && alone) {
		pthread_detach(reader);
		return;
	}
	pthread_join(reader, NULL);
	free_reader(feed);
}

static int
start_decoder(struct feed *feed, struct reason *why)
{
	if (ring_open(&feed->made, MADE_BLOCKS, FEED_BLOCK, why) == 0) {
		errno = pthread_create(&feed->decoder, NULL, run_decoder, feed);
		if (errno == 0)
			return 0;
		reason_errno(why, "thread");
	}
	ring_close(&feed->made);
	return -1;
}

static struct feed *
start_reader(int fd, const char *name, struct reason *why)
{
	struct feed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL) {
		reason_memory(why);
		return NULL;
	}
	feed->fd = fd;
	feed->name = name;
	feed->input = (struct feed_input){.name = name, .ring = &feed->read};
	if (ring_open(&feed->read, READ_BLOCKS, FEED_BLOCK, why) == 0) {
		errno = pthread_create(&feed->reader, NULL, run_reader, feed);
		if (errno == 0)
			return feed;
		reason_errno(why, "thread");
	}
	free_reader(feed);
	return NULL;
}

struct feed *
feed_start(int fd, const char *name, bool plain, struct reason *why)
{
	struct feed *feed = start_reader(fd, name, why);

	if (feed == NULL || plain)
		return feed;
	if (feed_input_more(&feed->input, why) == 0) {
		feed->format = feed_format(feed->input.next, feed->input.len);
		if (feed->format == FEED_PLAIN || start_decoder(feed, why) == 0)
			return feed;
	}
	stop_reader(feed);
	return NULL;
}

enum feed_format
feed_kind(const struct feed *feed)
{
	return feed->format;
}

ssize_t
feed_next(struct feed *feed, const void **block, struct reason *why)
{
	if (feed->format != FEED_PLAIN)
		return ring_next(&feed->made, block, why);
	if (feed->input.len == 0)
		return ring_next(&feed->read, block, why);
	/* The one that told the format. */
	ssize_t len = (ssize_t)feed->input.len;
	*block = feed->input.next;
	feed->input.len = 0;
	return len;
}

void
feed_stop(struct feed *feed)
{
	if (feed == NULL)
		return;
	if (feed->format != FEED_PLAIN) {
		ring_stop(&feed->made);
		ring_stop(&feed->read);
		pthread_join(feed->decoder, NULL);
		ring_close(&feed->made);
	}
	stop_reader(feed);
}
