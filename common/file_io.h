#ifndef FILE_IO_H
#define FILE_IO_H

#include <stddef.h>
#include <stdint.h>

/* Reads or writes len bytes at that offset, all of them. Both return 0, or -1
 * with errno set: ENODATA when the file ends early. */
int file_read(int fd, void *bytes, size_t len, uint64_t at);
int file_write(int fd, const void *bytes, size_t len, uint64_t at);

/* Makes [at, end) of the file a hole, or where the file system has none, zeros.
 * Its size stays. Returns 0, or -1 with errno set. */
int file_punch(int fd, uint64_t at, uint64_t end);

#endif
