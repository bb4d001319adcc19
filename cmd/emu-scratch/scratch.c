#include "scratch.h"

#include "path.h"
#include "removal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char swept[] = "emu-scratch-", kept[] = "emu-kept-";
static const char digits[] = "0123456789abcdef";

enum { DIGITS = 12 };

int
scratch_choose(
    struct scratch *scratch, const char *parent, bool keep, struct reason *why)
{
	uint64_t random;
	int result = -1;

	*scratch = (struct scratch){.parent = -1, .keep = keep};
	char *directory = path_absolute(NULL, parent);
	if (directory == NULL)
		return reason_errno(why, "%s", parent);
	scratch->parent = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (scratch->parent < 0) {
		reason_errno(why, "%s", parent);
		goto out;
	}
	if (getrandom(&random, sizeof(random), 0) != sizeof(random)) {
		reason_errno(why, "getrandom");
		goto out;
	}
	size_t len = strlen(directory);
	while (len > 1 && directory[len - 1] == '/')
		len--;
	if (asprintf(&scratch->path, "%.*s%s%s%0*jx", (int)len, directory,
		len > 1 ? "/" : "", keep ? kept : swept, DIGITS,
		(uintmax_t)(random >> (64 - 4 * DIGITS))) < 0) {
		scratch->path = NULL;
		reason_memory(why);
		goto out;
	}
	scratch->name = strrchr(scratch->path, '/') + 1;
	result = 0;
out:
	free(directory);
	return result;
}

/* Whether fd is the directory that is called name now: 1 or 0; -1 with errno
 * when that cannot be told. */
static int
still_there(int fd, int parent, const char *name)
{
	struct stat open, named;

	if (fstat(fd, &open) < 0)
		return -1;
	if (fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	return open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Between mkdir and flock a run that sweeps may take the directory for a dead
 * run's, and remove it. Returns a lease, -1 on error, -2 when it happened. */
static int
make_once(const struct scratch *scratch)
{
	int error, fd;

	if (mkdirat(scratch->parent, scratch->name, 0700) < 0)
		return -1;
	fd = openat(scratch->parent, scratch->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return -2;
	if (fd >= 0 && flock(fd, LOCK_EX) == 0) {
		int there = still_there(fd, scratch->parent, scratch->name);
		if (there == 0) {
			close(fd);
			return -2;
		}
		/* A set-group-ID parent hands its bit down. */
		if (there > 0 && fchmod(fd, 0700) == 0)
			return fd;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	unlinkat(scratch->parent, scratch->name, AT_REMOVEDIR);
	errno = error;
	return -1;
}

int
scratch_make(const struct scratch *scratch, struct reason *why)
{
	mode_t mask = umask(0077);
	int lease, tries = 0;

	do
		lease = make_once(scratch);
	while (lease == -2 && ++tries < 100);
	if (lease < 0) {
		/* Of the path, only the parent says something. */
		reason_errno(why, "%.*s",
		    (int)(scratch->name - scratch->path) -
			(scratch->name - scratch->path > 1),
		    scratch->path);
		lease = -1;
	}
	umask(mask);
	return lease;
}

int
scratch_lease(int parent, const char *name)
{
	struct stat st;
	int fd;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		errno = EPERM;
		return -1;
	}
	fd = removal_open(parent, name);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 &&
	    still_there(fd, parent, name) > 0)
		return fd;
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

int
scratch_remove(const struct scratch *scratch, int lease, struct reason *why)
{
	int there, result = 0, fd = lease;

	if (fd < 0)
		fd = scratch_lease(scratch->parent, scratch->name);
	if (fd < 0) {
		if (errno == ENOENT || errno == EWOULDBLOCK)
			return 0;
		return reason_errno(why, "%s", scratch->path);
	}
	/* The command may have moved it elsewhere: then it is the user's. */
	there = still_there(fd, scratch->parent, scratch->name);
	if (there < 0)
		result = reason_errno(why, "%s", scratch->path);
	if (there > 0) {
		fchmod(fd, 0700); /* nor need it have left us our rights */
		result = removal_empty(fd, scratch->path, why);
		if (unlinkat(scratch->parent, scratch->name, AT_REMOVEDIR) ==
			0 ||
		    errno == ENOENT)
			result = 0;
		else if (result == 0)
			result = reason_errno(why, "%s", scratch->path);
	}
	if (fd != lease)
		close(fd);
	return result;
}

bool
scratch_sweepable(const char *name)
{
	size_t len = sizeof(swept) - 1;

	return strncmp(name, swept, len) == 0 && strlen(name + len) == DIGITS &&
	       strspn(name + len, digits) == DIGITS;
}
