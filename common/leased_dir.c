#include "leased_dir.h"

#include "host_id.h"
#include "mount_id.h"
#include "path.h"
#include "removal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static const char digits[] = "0123456789abcdef";

/* -HOST-RUN */
enum { HOST = 9, RUN = 13 };

int
leased_dir_choose(struct leased_dir *dir, const char *parent, const char *kind,
    struct reason *why)
{
	uint64_t random;
	const char *given = parent != NULL ? parent : getenv("TMPDIR");

	if (given == NULL || (parent == NULL && given[0] == '\0'))
		given = "/var/tmp";
	*dir = (struct leased_dir){.parent = -1, .lease = -1};
	dir->parent = open(given, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir->parent < 0)
		return reason_errno(why, "%s", given);
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return reason_errno(why, "getrandom");
	char *above = path_absolute(NULL, given);
	if (above == NULL)
		return reason_errno(why, "%s", given);
	size_t len = strlen(above);
	while (len > 0 && above[len - 1] == '/')
		len--;
	if (asprintf(&dir->path, "%.*s/%s-%08" PRIx32 "-%012" PRIx64, (int)len,
		above, kind, host_id(dir->parent), random >> 16) < 0)
		dir->path = NULL;
	free(above);
	if (dir->path == NULL)
		return reason_memory(why);
	dir->name = strrchr(dir->path, '/') + 1;
	return 0;
}

/* Whether errno says that there is no such directory any more; ESTALE does on
 * NFS and FUSE. */
static bool
is_gone(void)
{
	return errno == ENOENT || errno == ESTALE;
}

/* Whether fd is the directory that has the name now: 1 or 0; -1 with errno when
 * that cannot be told. */
static int
still_there(const struct leased_dir *dir, int fd)
{
	struct stat open, named;

	if (fstat(fd, &open) < 0 ||
	    fstatat(dir->parent, dir->name, &named, AT_SYMLINK_NOFOLLOW) < 0)
		return is_gone() ? 0 : -1;
	return open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Between mkdir and flock a run that sweeps may take the directory for a dead
 * run's, and remove it. Returns a lease, -1 on error, -2 when it happened. */
static int
make_once(const struct leased_dir *dir)
{
	int error, fd;

	if (mkdirat(dir->parent, dir->name, 0700) < 0)
		return -1;
	fd = openat(dir->parent, dir->name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && is_gone())
		return -2;
	if (fd >= 0 && flock(fd, LOCK_EX) == 0) {
		int there = still_there(dir, fd);
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
	unlinkat(dir->parent, dir->name, AT_REMOVEDIR);
	errno = error;
	return -1;
}

int
leased_dir_make(struct leased_dir *dir, struct reason *why)
{
	mode_t mask = umask(0077);
	int lease, tries = 0;

	do
		lease = make_once(dir);
	while (lease == -2 && ++tries < 100);
	umask(mask);
	if (lease >= 0) {
		dir->lease = lease;
		return 0;
	}
	/* Of the path, only the parent says something. */
	int len = (int)(dir->name - dir->path);
	return reason_errno(why, "%.*s", len > 1 ? len - 1 : len, dir->path);
}

/* Whether something is mounted on the directory. What that holds is not the
 * run's. */
static bool
is_mounted_over(const struct leased_dir *dir)
{
	uint64_t above, here;

	return mount_id(dir->parent, "", &above) == 0 &&
	       mount_id(dir->parent, dir->name, &here) == 0 && above != here;
}

int
leased_dir_take(struct leased_dir *dir)
{
	struct stat st;
	int fd;

	if (fstatat(dir->parent, dir->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid()) {
		errno = EPERM;
		return -1;
	}
	if (is_mounted_over(dir)) {
		errno = EBUSY;
		return -1;
	}
	fd = removal_open(dir->parent, dir->name);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() &&
	    flock(fd, LOCK_EX | LOCK_NB) == 0 && still_there(dir, fd) > 0) {
		dir->lease = fd;
		return 0;
	}
	close(fd);
	errno = EWOULDBLOCK;
	return -1;
}

static int
fail(const struct leased_dir *dir, struct reason *why)
{
	if (errno == EBUSY)
		return reason_set(why, "%s: %s", dir->path, removal_mounted);
	return reason_errno(why, "%s", dir->path);
}

int
leased_dir_remove(struct leased_dir *dir, struct reason *why)
{
	if (dir->lease < 0 && leased_dir_take(dir) < 0) {
		if (is_gone() || errno == EWOULDBLOCK)
			return 0;
		return fail(dir, why);
	}
	/* The command may have moved it elsewhere: then it is the user's. */
	int there = still_there(dir, dir->lease);
	if (is_mounted_over(dir)) {
		errno = EBUSY;
		there = -1;
	}
	if (there <= 0)
		return there < 0 ? fail(dir, why) : 0;
	fchmod(dir->lease, 0700); /* the command may have taken our rights */
	int result = removal_empty(dir->lease, dir->path, why);
	if (unlinkat(dir->parent, dir->name, AT_REMOVEDIR) == 0 || is_gone())
		return 0;
	return result < 0 ? -1 : fail(dir, why);
}

void
leased_dir_close(struct leased_dir *dir)
{
	free(dir->path);
	if (dir->lease >= 0)
		close(dir->lease);
	if (dir->parent >= 0)
		close(dir->parent);
	*dir = (struct leased_dir){.parent = -1, .lease = -1};
}

bool
leased_dir_sweepable(const struct leased_dir *dir, const char *name)
{
	size_t len = strlen(name), own = strlen(dir->name);

	if (len <= HOST + RUN ||
	    strspn(name + len - RUN + 1, digits) != RUN - 1)
		return false;
	size_t kind = len - HOST - RUN;
	if (memcmp(name + kind, dir->name + own - HOST - RUN, HOST + 1) != 0)
		return false;
	return strncmp(name, "emu-scratch", kind) == 0 ||
	       strncmp(name, "emu-spawn", kind) == 0;
}
