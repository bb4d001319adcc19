#include "output_file.h"

#include "clock.h"
#include "path.h"
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
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
is_strangers_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) &&
	       st.st_uid != geteuid() && st.st_uid != 0;
}

/* Finds the path of the file to be made or replaced, which the caller frees;
 * NULL: what is there is no regular file. Returns 0, or -1 with errno. */
static int
find_target(const char *path, char **target)
{
	struct stat st;

	*target = NULL;
	if (is_strangers_link(path)) {
		*target = strdup(path);
	} else if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return -1;
		*target = strdup(path);
	} else if (!S_ISREG(st.st_mode)) {
		return 0;
	} else {
		*target = realpath(path, NULL);
	}
	return *target == NULL ? -1 : 0;
}

static int
open_special(const char *path)
{
	return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
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
write_special(const char *path, const void *data, size_t len)
{
	int fd = open_special(path);

	if (fd < 0)
		return -1;
	int result = write_all(fd, data, len);
	return close(fd) < 0 ? -1 : result;
}

int
output_file_write(
    const char *path, const void *data, size_t len, struct reason *why)
{
	char *target;
	int result = find_target(path, &target);

	if (result == 0)
		result = target != NULL ? replace(target, data, len)
					: write_special(path, data, len);
	if (result < 0)
		reason_errno(why, "%s", path);
	free(target);
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
	char *target;
	int fd = -1;

	if (find_target(path, &target) == 0) {
		fd = target != NULL ? open_regular(target) : open_special(path);
		/* Its reader may be slow, as any other's. */
		if (fd >= 0)
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	}
	if (fd < 0)
		reason_errno(why, "%s", path);
	free(target);
	return fd;
}

int
output_file_remove(const char *path, struct reason *why)
{
	bool foreign = is_strangers_link(path);
	struct stat st;
	int result = 0;

	if (!foreign && (stat(path, &st) < 0 || !S_ISREG(st.st_mode)))
		return 0;
	if (!foreign && lstat(path, &st) == 0 && S_ISLNK(st.st_mode))
		result = truncate(path, 0);
	else
		result = unlink(path);
	return result < 0 ? reason_errno(why, "%s", path) : 0;
}
