#include "output_file.h"

#include "clock.h"
#include "own_path.h"
#include "path.h"
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* For the reader of a FIFO to take what is there, in nanoseconds. */
static const uint64_t patience = 10000000000;

static int
write_all(int fd, const void *data, size_t len)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EAGAIN) {
			n = clock_poll(&poller, 1, clock_now() + patience);
			if (n == 0)
				errno = ETIMEDOUT;
			n = n > 0 ? 0 : -1;
		}
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			p += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

static bool
is_special(const struct own_path *target)
{
	return target->type != 0 && target->type != S_IFREG &&
	       target->type != S_IFLNK;
}

static int
open_special(const struct own_path *target)
{
	struct stat st;
	int fd = open(target->path,
	    O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | target->follow);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		close(fd);
		errno = EEXIST;
		fd = -1;
	}
	return fd;
}

static bool
is_own(int dir, const char *name, struct stat *st)
{
	return fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st->st_mode) && st->st_uid == geteuid();
}

static void
close_new(struct whole_file *file)
{
	int error = errno;

	whole_file_close(file);
	close(file->dir);
	errno = error;
}

/* Opens a new file for the place of the target, and the directory. Returns 0,
 * or -1 with errno. */
static int
open_new(struct whole_file *file, const char *target)
{
	struct stat st;
	const char *name;
	int dir = path_open_parent(target, &name);

	if (dir < 0)
		return -1;
	if (whole_file_open(file, dir, name, 0666) == 0 &&
	    (!is_own(dir, name, &st) ||
		fchmod(file->fd, st.st_mode & 0777) == 0))
		return 0;
	close_new(file);
	return -1;
}

static int
replace(const char *target, const void *data, size_t len)
{
	struct whole_file file;
	int result = -1;

	if (open_new(&file, target) < 0)
		return -1;
	if (write_all(file.fd, data, len) == 0 && fsync(file.fd) == 0)
		result = whole_file_replace(&file);
	close_new(&file);
	return result;
}

static int
write_special(const struct own_path *target, const void *data, size_t len)
{
	int fd = open_special(target);

	if (fd < 0)
		return -1;
	int result = write_all(fd, data, len);
	return close(fd) < 0 ? -1 : result;
}

int
output_file_write(
    const char *path, const void *data, size_t len, struct reason *why)
{
	struct own_path target;
	int result = own_path_find(&target, path);

	if (result == 0)
		result = is_special(&target) ? write_special(&target, data, len)
					     : replace(target.path, data, len);
	if (result < 0)
		reason_errno(why, "%s", path);
	free(target.path);
	return result;
}

/* Opens the caller's own file, or one in the place of somebody else's. */
static int
open_regular(const char *target)
{
	struct whole_file file;
	struct stat st;
	int fd = open(target,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
	    0666);

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && st.st_nlink == 1) {
		if (ftruncate(fd, 0) == 0)
			return fd;
		close(fd);
		return -1;
	}
	if (fd >= 0)
		close(fd);
	if (open_new(&file, target) < 0)
		return -1;
	if (whole_file_replace(&file) == 0) {
		close(file.dir);
		return file.fd;
	}
	close_new(&file);
	return -1;
}

int
output_file_open(const char *path, struct reason *why)
{
	struct own_path target;
	int fd = -1;

	if (own_path_find(&target, path) == 0) {
		fd = is_special(&target) ? open_special(&target)
					 : open_regular(target.path);
		/* Its reader may be slow, as any other's. */
		if (fd >= 0)
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	}
	if (fd < 0)
		reason_errno(why, "%s", path);
	free(target.path);
	return fd;
}

int
output_file_begin(struct whole_file *file, const char *path)
{
	struct own_path target;
	int result = own_path_find(&target, path);

	if (result == 0 && is_special(&target)) {
		errno = EEXIST;
		result = -1;
	}
	if (result == 0)
		result = open_new(file, target.path);
	int error = errno;
	free(target.path);
	errno = error;
	return result;
}

int
output_file_remove(const char *path, struct reason *why)
{
	struct own_path target;
	int result = own_path_find(&target, path);

	if (result == 0 && target.type != 0 && !is_special(&target)) {
		bool gone = strcmp(target.path, path) == 0 && unlink(path) == 0;
		int fd = gone ? -1 : open_regular(target.path);

		if (fd >= 0)
			close(fd);
		result = gone || fd >= 0 ? 0 : -1;
	}
	if (result < 0)
		reason_errno(why, "%s", path);
	free(target.path);
	return result;
}
