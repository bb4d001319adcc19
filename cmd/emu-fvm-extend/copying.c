#include "copying.h"

#include "extent_copy.h"
#include "processors.h"

#include <errno.h>
#include <pthread.h>

enum { THREADS_MAX = 4 };

/* What a thread takes at a time. */
static const uint64_t piece_size = 64 << 20;

/* Contiguous bytes of allocated slices. */
struct piece {
	uint64_t from, to, len;
};

/* What the threads share; the lock is for all but the first five. */
struct copying {
	const struct move *move;
	int from, to;
	const char *from_name, *to_name;
	pthread_mutex_t lock;
	struct fvm_run run; /* being given out */
	uint64_t given;     /* bytes of it that are */
	uint64_t written;
	struct reason *why; /* of the first failure */
	atomic_bool failed;
};

static struct fvm_run
next_run(const struct move *move, const struct fvm_run *run)
{
	return fvm_run_after(move->volume->metadata,
	    move->volume->geometry.slices, run->first + run->count);
}

/* Gives out the next piece; an empty one at the end. */
static struct piece
take(struct copying *c)
{
	const struct geometry *old = &c->move->volume->geometry;
	struct piece p = {0};

	pthread_mutex_lock(&c->lock);
	if (c->given == c->run.count * old->slice_size) {
		c->run = next_run(c->move, &c->run);
		c->given = 0;
	}
	if (c->run.count > 0) {
		p.from = geometry_slice(old, c->run.first) + c->given;
		p.to = geometry_slice(&c->move->grown, c->run.first) + c->given;
		p.len = c->run.count * old->slice_size - c->given;
		if (p.len > piece_size)
			p.len = piece_size;
		c->given += p.len;
	}
	pthread_mutex_unlock(&c->lock);
	return p;
}

static void
fail(struct copying *c, const struct extent_copy *copy)
{
	pthread_mutex_lock(&c->lock);
	if (!atomic_load(&c->failed))
		reason_errno(c->why, "%s",
		    copy->failed == c->from ? c->from_name : c->to_name);
	atomic_store(&c->failed, true);
	pthread_mutex_unlock(&c->lock);
}

static void *
work(void *argument)
{
	struct copying *c = argument;
	struct extent_copy copy = {
	    .in = c->from, .out = c->to, .cancel = &c->failed};

	while (!atomic_load(&c->failed)) {
		struct piece p = take(c);

		if (p.len == 0)
			break;
		if (extent_copy(&copy, (off_t)p.from, (off_t)p.to, p.len) < 0)
			fail(c, &copy);
	}
	pthread_mutex_lock(&c->lock);
	c->written += copy.written;
	pthread_mutex_unlock(&c->lock);
	return NULL;
}

int
copying_run(struct move *move, int from, const char *from_name, int to,
    const char *to_name, struct reason *why)
{
	const struct volume *v = move->volume;
	uint64_t pieces = v->allocated * v->geometry.slice_size / piece_size;
	size_t want = processors(THREADS_MAX), count = 0;
	pthread_t threads[THREADS_MAX];
	struct copying c = {.move = move,
	    .from = from,
	    .to = to,
	    .from_name = from_name,
	    .to_name = to_name,
	    .run = {.first = 1},
	    .why = why};

	pthread_mutex_init(&c.lock, NULL);
	/* This thread is one of them, and does it all where it is alone. */
	while (count + 1 < want && count < pieces &&
	       pthread_create(&threads[count], NULL, work, &c) == 0)
		count++;
	work(&c);
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&c.lock);
	move->bytes += c.written;
	return atomic_load(&c.failed) ? -1 : 0;
}
