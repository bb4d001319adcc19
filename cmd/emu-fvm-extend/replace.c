#include "replace.h"

#include "clock.h"
#include "duration.h"
#include "file_state.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

/* For another process that has the file locked, in nanoseconds. */
static const uint64_t wait_time = 60000000000, wait_step = 20000000;

/* Splits the file's real path into an open directory and a name. */
static int
open_directory(struct replace *r)
{
	char *real = realpath(r->name, NULL), *directory = NULL;
	int result = -1;

	if (real == NULL)
		return -1;
	directory = path_directory(real);
	r->base = strdup(strrchr(real, '/') + 1);
	if (directory != NULL && r->base != NULL) {
		r->directory =
		    open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		result = r->directory < 0 ? -1 : 0;
	}
	free(directory);
	free(real);
	return result;
}

/* Locks the file. Returns 0, or -1 with errno set. */
static int
lock(int fd, double scale)
{
	uint64_t due = clock_now() + duration_scaled(wait_time, scale);

	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || clock_now() >= due)
			return -1;
		clock_sleep(wait_step);
	}
	return 0;
}

/* Opens and locks the file that has the name now. Returns 0, 1 when the one
 * that was locked has been replaced meanwhile, or -1 with errno set. */
static int
open_locked(struct replace *r, double scale)
{
	struct stat now;

	r->old = openat(r->directory, r->base,
	    O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (r->old < 0 || fstat(r->old, &r->st) < 0)
		return -1;
	if (!S_ISREG(r->st.st_mode))
		return 0;
	if (lock(r->old, scale) < 0 || fstat(r->old, &r->st) < 0 ||
	    fstatat(r->directory, r->base, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (now.st_ino == r->st.st_ino && now.st_dev == r->st.st_dev)
		return 0;
	close(r->old);
	r->old = -1;
	return 1;
}

int
replace_open(
    struct replace *r, const char *name, double scale, struct reason *why)
{
	int again = 1;

	*r = (struct replace){
	    .name = name, .directory = -1, .old = -1, .new = {.fd = -1}};
	if (open_directory(r) < 0)
		return reason_errno(why, "%s", name);
	while (again > 0)
		again = open_locked(r, scale);
	if (again < 0 && errno == EWOULDBLOCK)
		return reason_set(why, "%s: locked by another process", name);
	if (again < 0)
		return reason_errno(why, "%s", name);
	if (!S_ISREG(r->st.st_mode))
		return reason_set(why, "%s: not a regular file", name);
	return 0;
}

int
replace_begin(struct replace *r, struct reason *why)
{
	if (r->st.st_nlink > 1)
		return reason_set(why,
		    "%s: has %ju hard links, and the others would keep the old "
		    "image: replace it by a copy of its own first",
		    r->name, (uintmax_t)r->st.st_nlink);
	if (whole_file_open(&r->new, r->directory, r->base, 0600) < 0)
		return reason_errno(why, "%s", r->name);
	return 0;
}

/* Copies one attribute; `value` is grown as needed. */
static int
copy_attribute(int from, int to, const char *key, char **value)
{
	ssize_t len = fgetxattr(from, key, NULL, 0);

	if (len < 0)
		return -1;
	char *larger = realloc(*value, len > 0 ? (size_t)len : 1);
	if (larger == NULL)
		return -1;
	*value = larger;
	len = fgetxattr(from, key, *value, (size_t)len);
	if (len < 0)
		return -1;
	return fsetxattr(to, key, *value, (size_t)len, 0);
}

static int
copy_attributes(const struct replace *r, struct reason *why)
{
	ssize_t len = flistxattr(r->old, NULL, 0);
	char *keys = NULL, *value = NULL;
	int result = 0;

	if (len < 0 && errno == ENOTSUP)
		return 0;
	if (len > 0) {
		keys = malloc((size_t)len);
		len = keys == NULL ? -1 : flistxattr(r->old, keys, (size_t)len);
	}
	if (len < 0)
		result = reason_errno(why, "%s", r->name);
	for (ssize_t i = 0; i < len && result == 0;
	     i += (ssize_t)strlen(keys + i) + 1) {
		if (copy_attribute(r->old, r->new.fd, keys + i, &value) < 0)
			result = reason_errno(
			    why, "%s: attribute %s", r->name, keys + i);
	}
	free(value);
	free(keys);
	return result;
}

static int
sync_directory(int fd)
{
	/* Some file systems know no fsync of a directory. */
	return fsync(fd) < 0 && errno != EINVAL ? -1 : 0;
}

/* Whoever writes to the file without asking for the lock loses nothing. */
static int
check_unchanged(const struct replace *r, struct reason *why)
{
	struct stat now;

	if (fstat(r->old, &now) < 0)
		return reason_errno(why, "%s", r->name);
	if (file_state_same(&now, &r->st))
		return 0;
	return reason_set(why, "%s: changed while it was copied", r->name);
}

int
replace_commit(struct replace *r, struct reason *why)
{
	int fd = r->new.fd;

	if (fchown(fd, r->st.st_uid, r->st.st_gid) < 0)
		return reason_errno(why, "%s: its owner", r->name);
	/* After the owner, whose change takes set-user-ID bits away. */
	if (fchmod(fd, r->st.st_mode & 07777) < 0)
		return reason_errno(why, "%s: its mode", r->name);
	if (copy_attributes(r, why) < 0)
		return -1;
	if (fsync(fd) < 0)
		return reason_errno(why, "%s", r->name);
	if (check_unchanged(r, why) < 0)
		return -1;
	if (whole_file_replace(&r->new) < 0 || sync_directory(r->directory) < 0)
		return reason_errno(why, "%s", r->name);
	return 0;
}

void
replace_close(struct replace *r)
{
	whole_file_close(&r->new);
	if (r->old >= 0)
		close(r->old);
	if (r->directory >= 0)
		close(r->directory);
	free(r->base);
}
