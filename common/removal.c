#include "removal.h"

#include "mount_id.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* fts(3) cannot build longer paths than 64 KiB, and takes long for long ones.
 */
enum { DEEP = 100 };

struct removal {
	int top;          /* the directory */
	const char *path; /* of the top, for messages */
	uint64_t mount;   /* the one that the top is on */
	unsigned moved;   /* directories that were too deep, and so moved */
	bool failed;
	struct reason *why; /* the first failure */
};

const char removal_mounted[] = "something is mounted here: left as it is";

int
removal_open(int at, const char *name)
{
	struct stat st;
	char self[32];
	int path =
	    openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (path < 0)
		return -1;
	/* fchmod(2) refuses O_PATH. When this fails, say by another owner's
	 * directory, the open says why. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", path);
	if (fstat(path, &st) == 0 && (st.st_mode & S_IRWXU) != S_IRWXU)
		chmod(self, (st.st_mode & 07777) | S_IRWXU);
	int fd = openat(path, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = errno;
	close(path);
	errno = error;
	return fd;
}

/* Keeps the first failure; errno is its reason unless one is given. */
static void
fail(struct removal *r, const FTSENT *entry, const char *reason)
{
	int error = errno;

	if (r->failed)
		return;
	r->failed = true;
	/* fts_path begins with "." */
	reason_set(r->why, "%s%s: %s", r->path, entry->fts_path + 1,
	    reason != NULL ? reason : strerror(error));
}

/* Moves a directory that is too deep to the top, for the next round. */
static void
move_up(struct removal *r, const FTSENT *entry)
{
	char name[32];
	int result;

	do {
		snprintf(name, sizeof(name), "deep-%u", r->moved++);
		result = renameat(AT_FDCWD, entry->fts_accpath, r->top, name);
	} while (result < 0 &&
		 (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR));
	if (result < 0)
		fail(r, entry, NULL);
}

/* Before a directory is entered. */
static void
enter(struct removal *r, FTS *tree, FTSENT *entry)
{
	uint64_t mount;

	if (entry->fts_level == FTS_ROOTLEVEL)
		return;
	if (mount_id(AT_FDCWD, entry->fts_accpath, &mount) < 0) {
		fail(r, entry, NULL);
	} else if (mount != r->mount) {
		fail(r, entry, removal_mounted);
	} else if (entry->fts_level > DEEP) {
		move_up(r, entry);
	} else {
		int fd = removal_open(AT_FDCWD, entry->fts_accpath);
		if (fd >= 0)
			close(fd);
		return;
	}
	fts_set(tree, entry, FTS_SKIP);
}

static void
unlink_entry(struct removal *r, const FTSENT *entry, int flags)
{
	if (unlinkat(AT_FDCWD, entry->fts_accpath, flags) < 0 &&
	    errno != ENOENT)
		fail(r, entry, errno == EBUSY ? removal_mounted : NULL);
}

static void
remove_entry(struct removal *r, FTS *tree, FTSENT *entry)
{
	switch (entry->fts_info) {
	case FTS_D:
		enter(r, tree, entry);
		break;
	case FTS_DNR:
		/* An empty one needs not be read; and this tells why not. */
	case FTS_DP:
		if (entry->fts_level > FTS_ROOTLEVEL)
			unlink_entry(r, entry, AT_REMOVEDIR);
		break;
	default:
		unlink_entry(r, entry, 0);
	}
}

/* Of the directory that we are in. */
static void
empty(struct removal *r)
{
	char *const top[] = {(char[]){"."}, NULL};
	FTS *tree = fts_open(top, FTS_PHYSICAL, NULL);
	FTSENT *entry;

	if (tree == NULL) {
		reason_errno(r->why, "%s", r->path);
		r->failed = true;
		return;
	}
	while ((entry = fts_read(tree)) != NULL)
		remove_entry(r, tree, entry);
	if (errno != 0 && !r->failed) {
		reason_errno(r->why, "%s", r->path);
		r->failed = true;
	}
	fts_close(tree);
}

int
removal_empty(int fd, const char *path, struct reason *why)
{
	struct removal r = {.top = fd, .path = path, .why = why};
	unsigned before;
	int here = open(".", O_PATH | O_CLOEXEC);

	/* fts(3) gets to any depth in few descriptors by going there. */
	if (mount_id(fd, "", &r.mount) < 0 || fchdir(fd) < 0) {
		reason_errno(why, "%s", path);
		r.failed = true;
	} else {
		do {
			before = r.moved;
			empty(&r);
		} while (r.moved > before);
	}
	if (here >= 0) {
		(void)!fchdir(here);
		close(here);
	}
	return r.failed ? -1 : 0;
}
