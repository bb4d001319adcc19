#include "feed.h"

#include "feed_formats.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who waits is woken when half of the ring is ready for it: to wake a thread at
 * every block takes as long as the block, where the processor sleeps deeply. */
enum {
	BLOCKS = 16,
	HALF = BLOCKS / 2,
};

struct block {
	unsigned char *data;
	size_t len;
};

/* A ring of blocks between the thread that fills and the one that empties. */
struct feed {
	struct feed_input input;
	enum feed_format format;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct block ring[BLOCKS];
	size_t filled;  /* blocks ever filled */
	size_t emptied; /* blocks ever emptied, but for the one in use */
	bool in_use;    /* block `emptied` is being looked at */
	bool ended;     /* the thread is done */
	bool stop;
	bool failed;
	struct reason why;
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

int
feed_input_more(struct feed_input *input, struct reason *why)
{
	size_t len = 0;

	/* A pipe gives little at a time: fewer, larger blocks are cheaper. */
	while (len < FEED_BLOCK) {
		ssize_t n =
		    read(input->fd, input->data + len, FEED_BLOCK - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return reason_errno(why, "%s", input->name);
		if (n == 0)
			break;
		len += (size_t)n;
	}
	input->next = input->data;
	input->len = len;
	input->ended = len < FEED_BLOCK;
	return 0;
}

unsigned char *
feed_output(struct feed *feed)
{
	pthread_mutex_lock(&feed->lock);
	while (feed->filled - feed->emptied == BLOCKS && !feed->stop)
		pthread_cond_wait(&feed->changed, &feed->lock);
	unsigned char *data =
	    feed->stop ? NULL : feed->ring[feed->filled % BLOCKS].data;
	pthread_mutex_unlock(&feed->lock);
	return data;
}

void
feed_put(struct feed *feed, size_t len)
{
	pthread_mutex_lock(&feed->lock);
	if (len > 0)
		feed->ring[feed->filled++ % BLOCKS].len = len;
	if (feed->filled - feed->emptied >= HALF)
		pthread_cond_signal(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
}

static void *
run(void *argument)
{
	static int (*const decoders[])(
	    struct feed *, struct feed_input *, struct reason *) = {
	    [FEED_PLAIN] = feed_plain,
	    [FEED_GZIP] = feed_gzip,
	    [FEED_XZ] = feed_xz,
	    [FEED_ZSTD] = feed_zstd,
	};
	struct feed *feed = argument;
	struct reason why;
	int r = decoders[feed->format](feed, &feed->input, &why);

	pthread_mutex_lock(&feed->lock);
	feed->ended = true;
	feed->failed = r < 0;
	if (r < 0)
		feed->why = why;
	pthread_cond_signal(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
	return NULL;
}

static void
free_feed(struct feed *feed)
{
	for (size_t i = 0; i < BLOCKS; i++)
		free(feed->ring[i].data);
	free(feed->input.data);
	free(feed);
}

static struct feed *
new_feed(int fd, const char *name)
{
	struct feed *feed = calloc(1, sizeof(*feed));
	bool whole = feed != NULL;

	if (feed == NULL)
		return NULL;
	feed->input = (struct feed_input){
	    .fd = fd, .name = name, .data = malloc(FEED_BLOCK)};
	whole = feed->input.data != NULL;
	for (size_t i = 0; i < BLOCKS; i++) {
		feed->ring[i].data = malloc(FEED_BLOCK);
		whole = whole && feed->ring[i].data != NULL;
	}
	if (whole)
		return feed;
	free_feed(feed);
	return NULL;
}

struct feed *
feed_start(int fd, const char *name, bool plain, struct reason *why)
{
	struct feed *feed = new_feed(fd, name);

	if (feed == NULL) {
		reason_errno(why, "memory");
		return NULL;
	}
	if (feed_input_more(&feed->input, why) < 0) {
		free_feed(feed);
		return NULL;
	}
	if (!plain)
		feed->format = feed_format(feed->input.next, feed->input.len);
	pthread_mutex_init(&feed->lock, NULL);
	pthread_cond_init(&feed->changed, NULL);
	errno = pthread_create(&feed->thread, NULL, run, feed);
	if (errno == 0)
		return feed;
	reason_errno(why, "thread");
	free_feed(feed);
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
	ssize_t len = 0;

	pthread_mutex_lock(&feed->lock);
	if (feed->in_use) {
		feed->emptied++;
		feed->in_use = false;
		if (feed->filled - feed->emptied <= HALF)
			pthread_cond_signal(&feed->changed);
	}
	while (feed->filled == feed->emptied && !feed->ended)
		pthread_cond_wait(&feed->changed, &feed->lock);
	if (feed->filled > feed->emptied) {
		const struct block *b = &feed->ring[feed->emptied % BLOCKS];

		*block = b->data;
		len = (ssize_t)b->len;
		feed->in_use = true;
	} else if (feed->failed) {
		*why = feed->why;
		len = -1;
	}
	pthread_mutex_unlock(&feed->lock);
	return len;
}

void
feed_stop(struct feed *feed)
{
	if (feed == NULL)
		return;
	pthread_mutex_lock(&feed->lock);
	feed->stop = true;
	bool ended = feed->ended;
	pthread_cond_signal(&feed->changed);
	pthread_mutex_unlock(&feed->lock);
	if (!ended && lseek(feed->input.fd, 0, SEEK_CUR) < 0) {
		pthread_detach(feed->thread);
		return;
	}
	pthread_join(feed->thread, NULL);
	pthread_mutex_destroy(&feed->lock);
	pthread_cond_destroy(&feed->changed);
	free_feed(feed);
}
