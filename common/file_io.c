#include "file_io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int
file_read(int fd, void *bytes, size_t len, uint64_t at)
{
	char *p = bytes;

	while (len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = ENODATA;
		if (n <= 0)
			return -1;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_write(int fd, const void *bytes, size_t len, uint64_t at)
{
	const char *p = bytes;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t
file_start(int fd, void *bytes, size_t size)
{
	ssize_t n;

	do
		n = pread(fd, bytes, size, 0);
	while (n < 0 && errno == EINTR);
	return n;
}

ssize_t
file_head(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : file_start(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n;
}

static int
write_zeros(int fd, uint64_t at, uint64_t end)
{
	const char zeros[65536] = {0}; /* a constant would be in the file */

	while (at < end) {
		size_t n = end - at < sizeof(zeros) ? (size_t)(end - at)
						    : sizeof(zeros);

		if (file_write(fd, zeros, n, at) < 0)
			return -1;
		at += n;
	}
	return 0;
}

int
file_punch(int fd, uint64_t at, uint64_t end)
{
	if (at >= end)
		return 0;
	while (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		   (off_t)at, (off_t)(end - at)) < 0) {
		if (errno == EOPNOTSUPP)
			return write_zeros(fd, at, end);
		if (errno != EINTR)
			return -1;
	}
	return 0;
}

static bool
same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool
file_state_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       same_time(&a->st_mtim, &b->st_mtim) &&
	       (same_time(&a->st_ctim, &b->st_ctim) ||
		   a->st_nlink != b->st_nlink);
}
