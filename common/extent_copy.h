#ifndef EXTENT_COPY_H
#define EXTENT_COPY_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

/* A copy between two files that keeps the first one's holes and makes more of
 * runs of zeros. Several ranges may be copied by several threads at once, each
 * with a struct of its own. */
struct extent_copy {
	int in;  /* a regular file or block device */
	int out; /* must read as zeros where the range goes: a new file; -1 to
		  * have the bytes seen only */
	const atomic_bool *cancel; /* set to stop within a block; or NULL */
	_Atomic uint64_t *done;    /* grows by what is done, holes too; or NULL
				    */
	/* Called with every byte of the range in order, NULL for len zeros; or
	 * NULL. */
	void (*see)(void *context, const void *data, uint64_t len);
	void *context;

	uint64_t written; /* grows by the bytes written to out */
	int failed;       /* after a failure: `in` or `out` */
};

/* Copies len bytes from offset `from` of copy->in to offset `to` of copy->out:
 * per data extent, in blocks of 1 MiB, into preallocated space. The size of
 * out is left to the caller (ftruncate: a hole at the end writes nothing).
 * Returns 0, or -1 with errno set: ECANCELED when cancelled, ENODATA when the
 * input ended before the range did. */
int extent_copy(struct extent_copy *copy, off_t from, off_t to, uint64_t len);

/* Finds the next data of a file at or after `at`, within `end`: *start is `end`
 * when there is none. Where the file system does not know about holes, all is
 * data. Returns 0, or -1 with errno set. */
int extent_find(int fd, off_t at, off_t end, off_t *start, off_t *stop);

#endif
