#ifndef EXTENT_COPY_H
#define EXTENT_COPY_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A copy between two files that keeps the holes of the first, and turns runs of
 * zeros into holes. Threads may copy several ranges at once, each with a struct
 * of its own. */
struct extent_copy {
	int in;  /* a regular file or block device */
	int out; /* reads as zeros where the range goes, as a new file does; -1:
		    only call `see` */
	_Atomic uint64_t
	    *done; /* grows by the bytes done, including holes; or NULL
		    */
	/* Called with all bytes of the range in order; data is NULL for len
	 * zeros. Or NULL. */
	void (*see)(void *context, const void *data, uint64_t len);
	void *context;

	uint64_t written; /* grows by the bytes written to out */
	int failed;       /* after a failure: the descriptor, `in` or `out` */
};

/* Copies len bytes from offset `from` of copy->in to offset `to` of copy->out:
 * each data extent in blocks of 1 MiB into preallocated space. The caller sets
 * the size of out with ftruncate(2), since a hole at the end writes nothing.
 * Returns 0, or -1 with errno set: ENODATA when the input ended before the
 * range did. */
int extent_copy(struct extent_copy *copy, off_t from, off_t to, uint64_t len);

/* A range of bytes to be copied: offsets in the two files, and the length. */
struct copy_range {
	uint64_t from, to, len;
};

/* Calls extent_copy for `count` ranges that do not overlap, in as many threads
 * as there are processors, because reads of several ranges can overlap in time.
 * copy->see must be NULL. Returns 0, or -1 with errno set as extent_copy does.
 */
int extent_copy_ranges(
    struct extent_copy *copy, const struct copy_range *ranges, size_t count);

/* Finds the next data of a file between `at` and `end`, and stores its limits;
 * *start is `end` when there is none. On a file system without holes,
 * everything is data. Returns 0, or -1 with errno set. */
int extent_find(int fd, off_t at, off_t end, off_t *start, off_t *stop);

#endif
