#ifndef FILE_IO_H
#define FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Read or write all len bytes at offset `at`. Both return 0, or -1 with errno
 * set, which is ENODATA when the file ends early. */
int file_read(int fd, void *bytes, size_t len, uint64_t at);
int file_write(int fd, const void *bytes, size_t len, uint64_t at);

/* Reads the first size bytes of a file that may be shorter, at once. Returns
 * how many there are, or -1 with errno set. */
ssize_t file_start(int fd, void *bytes, size_t size);

/* Does the same to a file by its name, of /proc for example, but reads at most
 * size - 1 bytes and ends them with a NUL, also when there are none. */
ssize_t file_head(const char *path, char *text, size_t size);

/* Turns the bytes from `at` to `end` (exclusive) into a hole, or into zeros on
 * a file system without holes. The file's size does not change. Returns 0, or
 * -1 with errno set. */
int file_punch(int fd, uint64_t at, uint64_t end);

/* Whether two calls of stat(2) saw the same file, unchanged in between: device,
 * inode, size, modification and change time are the same. The change time may
 * differ if the number of links does, because linking does not change the
 * content. */
bool file_state_same(const struct stat *a, const struct stat *b);

#endif
