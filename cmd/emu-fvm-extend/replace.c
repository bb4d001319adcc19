#include "replace.h"

#include "../fatal.h"
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
static void
open_directory(struct replace *r)
{
	char *real = realpath(r->name, NULL);
	const char *base;

	if (real == NULL)
		fatal_errno(r->name);
	r->directory = path_open_parent(real, &base);
	if (r->directory < 0)
		fatal_errno(r->name);
	r->base = strdup(base);
	if (r->base == NULL)
		fatal_memory();
	free(real);
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

static void
discard(void *context)
{
	struct replace *r = context;

	whole_file_close(&r->new);
}

void
replace_open(struct replace *r, const char *name, double scale)
{
	int again = 1;

	*r = (struct replace){.name = name, .old = -1, .new = {.fd = -1}};
	open_directory(r);
	while (again > 0)
		again = open_locked(r, scale);
	if (again < 0 && errno == EWOULDBLOCK)
		fatal("%s: locked by another process", name);
	if (again < 0)
		fatal_errno(name);
	if (!S_ISREG(r->st.st_mode))
		fatal("%s: not a regular file", name);
	fatal_undo(discard, r);
}

void
replace_begin(struct replace *r)
{
	if (r->st.st_nlink > 1)
		fatal("%s: has %ju hard links, and the others would keep the "
		      "old image: replace it by a copy of its own first",
		    r->name, (uintmax_t)r->st.st_nlink);
	if (whole_file_open(&r->new, r->directory, r->base, 0600) < 0)
		fatal_errno(r->name);
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

static void
copy_attributes(const struct replace *r)
{
	ssize_t len = flistxattr(r->old, NULL, 0);
	char *keys = NULL, *value = NULL;

	if (len < 0 && errno == ENOTSUP)
		return;
	if (len > 0) {
		keys = malloc((size_t)len);
		len = keys == NULL ? -1 : flistxattr(r->old, keys, (size_t)len);
	}
	if (len < 0)
		fatal_errno(r->name);
	for (ssize_t i = 0; i < len; i += (ssize_t)strlen(keys + i) + 1) {
		if (copy_attribute(r->old, r->new.fd, keys + i, &value) < 0)
			fatal("%s: attribute %s: %s", r->name, keys + i,
			    strerror(errno));
	}
	free(value);
	free(keys);
}

void
replace_commit(struct replace *r)
{
	int fd = r->new.fd;
	struct stat now;

	if (fchown(fd, r->st.st_uid, r->st.st_gid) < 0)
		fatal("%s: its owner: %s", r->name, strerror(errno));
	/* After the owner, whose change takes set-user-ID bits away. */
	if (fchmod(fd, r->st.st_mode & 07777) < 0)
		fatal("%s: its mode: %s", r->name, strerror(errno));
	copy_attributes(r);
	if (fsync(fd) < 0 || fstat(r->old, &now) < 0)
		fatal_errno(r->name);
	/* Whoever writes to the file without asking for the lock loses nothing.
	 */
	if (!file_state_same(&now, &r->st))
		fatal("%s: changed while it was copied", r->name);
	/* Some file systems know no fsync of a directory. */
	if (whole_file_replace(&r->new) < 0 ||
	    (fsync(r->directory) < 0 && errno != EINVAL))
		fatal_errno(r->name);
}

void
replace_close(struct replace *r)
{
	fatal_undo(NULL, NULL);
	whole_file_close(&r->new);
	close(r->old);
	close(r->directory);
	free(r->base);
}
