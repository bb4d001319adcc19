#ifndef SPARSE_WRITE_H
#define SPARSE_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Writing to a new file, in which what is not written reads as zeros: long runs
 * of zeros are left out, and space is allocated ahead of dense data, in steps
 * that start small again after a run of zeros. Start with {.fd = fd}. */
struct sparse_write {
	int fd;
	uint64_t written; /* grows by the bytes really written */
	off_t end;        /* of what is allocated; private */
	off_t step;       /* of the next allocation, -1 when it is of no use;
			     private */
};

/* Writes len bytes at offset `at`, in ascending order from call to call. The
 * space up to limit may be allocated, for data that is going to follow, when
 * the file has that size already (behind its end, some file systems give no
 * space back); else give at + len. Returns 0, or -1 with errno set. */
int sparse_write(struct sparse_write *write, const void *data, size_t len,
    off_t at, off_t limit);

/* Whether all of the bytes, at least one, are zeros. */
bool sparse_is_zero(const unsigned char *bytes, size_t len);

#endif
