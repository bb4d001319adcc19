#include "removal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How many directories are open at once. Deeper ones are moved up to the top
 * first, so that no depth runs out of descriptors or of stack. */
enum { LEVELS = 16 };

struct removal {
	int top;
	const char *path;
	uint64_t mount; /* the one that the top is on */
	unsigned moved; /* directories moved up so far */
	bool failed;
	struct reason *why; /* the first failure */
};

/* Where we are: a directory, and how it is called in the one above. */
struct level {
	const struct level *up;
	const char *name;
	int fd;
	int depth;
};

static int
statx_of(int fd, struct statx *st)
{
	return statx(
	    fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_BASIC_STATS, st);
}

/* Opens the directory behind an O_PATH descriptor. */
static int
open_behind(int fd)
{
	char self[32];
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if ((st.st_mode & S_IRWXU) != S_IRWXU) {
		/* fchmod(2) refuses O_PATH. When this fails, say by another
		 * owner's directory, the open or a later unlink says why. */
		snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
		chmod(self, (st.st_mode & 07777) | S_IRWXU);
	}
	return openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
removal_open(int at, const char *name)
{
	int path =
	    openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (path < 0)
		return -1;
	int fd = open_behind(path);
	int error = errno;
	close(path);
	errno = error;
	return fd;
}

static size_t
append_path(const struct level *level, char *to, size_t len, size_t room)
{
	if (level->up == NULL)
		return len;
	len = append_path(level->up, to, len, room);
	if (len >= room)
		return len;
	int n = snprintf(to + len, room - len, "/%s", level->name);
	return n < 0 ? len : len + (size_t)n;
}

/* Keeps the first failure; errno is its reason unless one is given. */
static void
fail(struct removal *r, const struct level *in, const char *name,
    const char *reason)
{
	char below[512];
	int error = errno;

	if (r->failed)
		return;
	r->failed = true;
	below[0] = '\0';
	append_path(in, below, 0, sizeof(below));
	reason_set(r->why, "%s%s/%s: %s", r->path, below, name,
	    reason != NULL ? reason : strerror(error));
}

/* Moves a directory up to the top, under a name that is free there. */
static bool
move_up(struct removal *r, const struct level *in, const char *name)
{
	char fresh[32];

	for (;;) {
		snprintf(fresh, sizeof(fresh), ".emu-moved-%u", r->moved++);
		if (renameat2(in->fd, name, r->top, fresh, RENAME_NOREPLACE) ==
		    0)
			return true;
		if (errno != EEXIST) {
			fail(r, in, name, NULL);
			return false;
		}
	}
}

static bool empty(struct removal *r, struct level *level);

/* Tells whether something happened that makes another look worth while. */
static bool
remove_directory(struct removal *r, const struct level *in, const char *name)
{
	struct statx st;
	bool progress = false;
	struct level below = {.up = in, .name = name, .depth = in->depth + 1};
	int path =
	    openat(in->fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	below.fd = -1;
	if (path < 0 || statx_of(path, &st) < 0) {
		fail(r, in, name, NULL);
		goto out;
	}
	if (st.stx_mnt_id != r->mount) {
		fail(r, in, name, "something is mounted here: left as it is");
		goto out;
	}
	below.fd = open_behind(path);
	if (below.fd < 0) {
		/* An empty one needs not be opened. */
		int error = errno;
		progress = unlinkat(in->fd, name, AT_REMOVEDIR) == 0;
		errno = error;
		if (!progress)
			fail(r, in, name, NULL);
		goto out;
	}
	if (below.depth >= LEVELS) {
		progress = move_up(r, in, name);
		goto out;
	}
	progress = empty(r, &below);
	below.fd = -1;
	if (unlinkat(in->fd, name, AT_REMOVEDIR) == 0)
		progress = true;
	else
		fail(r, in, name, NULL);
out:
	if (below.fd >= 0)
		close(below.fd);
	if (path >= 0)
		close(path);
	return progress;
}

static bool
remove_entry(struct removal *r, const struct level *in, const char *name)
{
	if (unlinkat(in->fd, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno == EISDIR)
		return remove_directory(r, in, name);
	fail(r, in, name,
	    errno == EBUSY ? "something is mounted here: left as it is" : NULL);
	return false;
}

/* One look through a directory. */
static bool
pass(struct removal *r, struct level *level, DIR *entries)
{
	const struct dirent *entry;
	bool progress = false;

	rewinddir(entries);
	while (errno = 0, (entry = readdir(entries)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0 &&
		    remove_entry(r, level, entry->d_name))
			progress = true;
	}
	if (errno != 0)
		fail(r, level, ".", NULL);
	return progress;
}

/* Takes level->fd over and closes it. What readdir returns after entries were
 * removed is not defined, so look again until there is nothing left to do. */
static bool
empty(struct removal *r, struct level *level)
{
	bool progress = false;
	DIR *entries = fdopendir(level->fd);

	if (entries == NULL) {
		fail(r, level, ".", NULL);
		close(level->fd);
		return false;
	}
	while (pass(r, level, entries))
		progress = true;
	closedir(entries);
	return progress;
}

int
removal_empty(int fd, const char *path, struct reason *why)
{
	struct removal r = {.top = fd, .path = path, .why = why};
	struct level top = {.up = NULL, .name = "."};
	struct statx st;

	if (statx_of(fd, &st) < 0)
		return reason_errno(why, "%s", path);
	r.mount = st.stx_mnt_id;
	top.fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top.fd < 0)
		return reason_errno(why, "%s", path);
	empty(&r, &top);
	return r.failed ? -1 : 0;
}
