#include "shift.h"

#include "../memory.h"
#include "extent_copy.h"
#include "file_io.h"
#include "sparse_write.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	BLOCK = 256 << 10, /* what a core keeps in its cache meanwhile */
	AHEAD = 4,         /* blocks that may be read before they are written */
};

/* Data between two holes. */
struct extent {
	off_t start, end;
};

/* Lists the data of [start, end). The caller frees the list. Returns 0, or -1
 * with errno set. */
static int
list_data(int fd, off_t start, off_t end, struct extent **list, size_t *count)
{
	struct extent next = {.end = start};

	while (extent_find(fd, next.end, end, &next.start, &next.end) == 0) {
		if (next.start == end)
			return 0;
		*list = memory_grow(*list, *count, sizeof(**list));
		(*list)[(*count)++] = next;
	}
	return -1;
}

/* Data that was read, to be written `by` bytes further up. */
struct block {
	uint64_t at;
	size_t len; /* 0: there is no more data */
};

/* A thread reads the blocks from the last one down, and the caller's writes
 * them in the same order. What a write destroys lies above, so it was read
 * before. */
struct shift {
	int fd;
	struct extent *list;
	size_t count;
	sem_t empty, full; /* places in the ring */
	struct block ring[AHEAD];
	unsigned char *bytes; /* AHEAD times BLOCK */
	int error;            /* errno of the read that failed, else 0 */
	atomic_bool stopped;  /* a write failed */
};

/* A signal ends sem_wait(3) early. */
static void
take_place(sem_t *places)
{
	while (sem_wait(places) < 0)
		;
}

/* Reads the next block below *end, and passes it on unless it is zeros. */
static int
read_block(struct shift *s, size_t *place, uint64_t start, uint64_t *end)
{
	struct block block = {*end - start > BLOCK ? *end - BLOCK : start, 0};
	unsigned char *bytes = s->bytes + *place * BLOCK;

	block.len = (size_t)(*end - block.at);
	*end = block.at;
	take_place(&s->empty);
	if (s->stopped)
		return -1;
	if (file_read(s->fd, bytes, block.len, block.at) < 0) {
		s->error = errno;
		return -1;
	}
	if (sparse_is_zero(bytes, block.len)) {
		sem_post(&s->empty);
		return 0;
	}
	s->ring[*place] = block;
	*place = (*place + 1) % AHEAD;
	sem_post(&s->full);
	return 0;
}

static void *
read_blocks(void *context)
{
	struct shift *s = context;
	size_t place = 0;
	int result = 0;

	for (size_t i = s->count; i-- > 0 && result == 0;) {
		uint64_t end = (uint64_t)s->list[i].end;

		while (end > (uint64_t)s->list[i].start && result == 0)
			result = read_block(
			    s, &place, (uint64_t)s->list[i].start, &end);
	}
	if (result == 0)
		take_place(&s->empty);
	s->ring[place].len = 0;
	sem_post(&s->full);
	return NULL;
}

/* Writes the blocks, and makes holes of what lies between them. */
static int
write_blocks(struct shift *s, uint64_t start, uint64_t end, uint64_t by,
    uint64_t *written)
{
	for (size_t place = 0;; place = (place + 1) % AHEAD) {
		take_place(&s->full);
		struct block b = s->ring[place];
		if (s->error != 0) {
			errno = s->error;
			return -1;
		}
		uint64_t data_end = b.len == 0 ? start : b.at + b.len;
		if (data_end < end &&
		    file_punch(s->fd, data_end + by, end + by) < 0)
			return -1;
		if (b.len == 0)
			return 0;
		if (file_write(
			s->fd, s->bytes + place * BLOCK, b.len, b.at + by) < 0)
			return -1;
		*written += b.len;
		end = b.at;
		sem_post(&s->empty);
	}
}

static int
run(struct shift *s, uint64_t start, uint64_t end, uint64_t by,
    uint64_t *written)
{
	pthread_t reader;

	errno = pthread_create(&reader, NULL, read_blocks, s);
	if (errno != 0)
		return -1;
	int result = write_blocks(s, start, end, by, written);
	int error = errno;
	s->stopped = true;
	sem_post(&s->empty);
	pthread_join(reader, NULL);
	errno = error;
	return result;
}

int
shift_backwards(
    int fd, uint64_t start, uint64_t end, uint64_t by, uint64_t *written)
{
	struct shift s = {.fd = fd};
	int result = list_data(fd, (off_t)start, (off_t)end, &s.list, &s.count);

	s.bytes = memory_got(aligned_alloc(4096, (size_t)AHEAD * BLOCK));
	sem_init(&s.empty, 0, AHEAD);
	sem_init(&s.full, 0, 0);
	if (result == 0)
		result = run(&s, start, end, by, written);
	sem_destroy(&s.empty);
	sem_destroy(&s.full);
	free(s.list);
	free(s.bytes);
	return result;
}
