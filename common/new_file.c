#include "new_file.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int
write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_directly(
    const char *path, const void *data, size_t len, struct reason *why)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return reason_errno(why, "%s", path);
	if (write_all(fd, data, len) < 0) {
		reason_errno(why, "%s", path);
		close(fd);
		return -1;
	}
	if (close(fd) < 0)
		return reason_errno(why, "%s", path);
	return 0;
}

static mode_t
new_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Fills fd and gives it its mode; everything is on disk afterwards. */
static int
fill(int fd, const void *data, size_t len, mode_t mode)
{
	if (write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0)
		return -1;
	return fsync(fd);
}

static int
sync_directory(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -1 : fsync(fd);

	/* Some file systems know no fsync of a directory. */
	if (fd >= 0 && r < 0 && errno == EINVAL)
		r = 0;
	if (fd >= 0)
		close(fd);
	return r;
}

static int
replace(const char *path, const void *data, size_t len, mode_t mode,
    struct reason *why)
{
	char *directory = path_directory(path), *temporary = NULL;
	int fd = -1, result = -1;

	if (directory == NULL ||
	    asprintf(&temporary, "%s/.emu-XXXXXX", directory) < 0) {
		temporary = NULL;
		reason_errno(why, "%s", path);
		goto out;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		reason_errno(why, "%s", path);
		goto out;
	}
	if (fill(fd, data, len, mode) < 0 || rename(temporary, path) < 0) {
		reason_errno(why, "%s", path);
		unlink(temporary);
		goto out;
	}
	if (sync_directory(directory) < 0) {
		reason_errno(why, "%s", directory);
		goto out;
	}
	result = 0;
out:
	if (fd >= 0)
		close(fd);
	free(temporary);
	free(directory);
	return result;
}

int
new_file_write(
    const char *path, const void *data, size_t len, struct reason *why)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return reason_errno(why, "%s", path);
		return replace(path, data, len, new_mode(), why);
	}
	if (!S_ISREG(st.st_mode))
		return write_directly(path, data, len, why);
	char *target = realpath(path, NULL);
	if (target == NULL)
		return reason_errno(why, "%s", path);
	int r = replace(target, data, len, st.st_mode & 07777, why);
	free(target);
	return r;
}
