#ifndef SPARSE_WRITE_H
#define SPARSE_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes to a new file, where unwritten ranges read as zeros: leaves out long
 * runs of zeros, and allocates space ahead of dense data, in steps that become
 * small again after a run of zeros. Initialize with {.fd = fd}. */
struct sparse_write {
	int fd;
	uint64_t written; /* grows by the bytes that were written */
	off_t end;        /* end of the allocated space; private */
	off_t step; /* size of the next allocation; -1: the file system cannot
		       allocate; private */
};

/* Writes len bytes at offset `at`, which must not decrease from call to call.
 * Space up to `limit` may be allocated for later data. limit must not exceed
 * the file's size, because some file systems do not free space beyond it;
 * otherwise pass at + len. Returns 0, or -1 with errno set. */
int sparse_write(struct sparse_write *write, const void *data, size_t len,
    off_t at, off_t limit);

/* Whether all len bytes are zeros; len must be at least 1. */
bool sparse_is_zero(const unsigned char *bytes, size_t len);

#endif
