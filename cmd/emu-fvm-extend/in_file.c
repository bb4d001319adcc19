#include "in_file.h"

#include "../fatal.h"
#include "../memory.h"
#include "clock.h"
#include "disk.h"
#include "duration.h"
#include "own_path.h"
#include "path.h"
#include "plan.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/xattr.h>
#include <unistd.h>

/* For another process that has the file locked, in nanoseconds. */
static const uint64_t wait_time = 60000000000, wait_step = 20000000;

/* Splits the path of the file, which the caller's symbolic links may lead to,
 * into an open directory and a name. */
static void
open_directory(struct disk *d)
{
	struct own_path real;
	const char *base;

	if (own_path_find(&real, d->name) < 0)
		fatal_errno(d->name);
	d->directory = path_open_parent(real.path, &base);
	if (d->directory < 0)
		fatal_errno(d->name);
	d->base = memory_got(strdup(base));
	d->path = memory_got(strdup(d->name));
	free(real.path);
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
open_locked(struct disk *d, double scale)
{
	struct stat now;

	d->fd = openat(d->directory, d->base,
	    O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &d->st) < 0)
		return -1;
	if (!S_ISREG(d->st.st_mode))
		return 0;
	if (lock(d->fd, scale) < 0 || fstat(d->fd, &d->st) < 0 ||
	    fstatat(d->directory, d->base, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return -1;
	if (now.st_ino == d->st.st_ino && now.st_dev == d->st.st_dev)
		return 0;
	close(d->fd);
	d->fd = -1;
	return 1;
}

/* Does what needs only to read: -n, and -I, which prints the metadata; without
 * a valid copy of it, that is an error all the same. */
static void
look(const struct options *options, struct disk *disk)
{
	struct plan plan;

	disk_open_file(disk);
	disk_confine(disk);
	bool fine = plan_make(&plan, disk->fd, disk->name,
	    (uint64_t)disk->st.st_size, options->length);
	if (options->info) {
		fine = plan.volume.metadata != NULL;
		if (fine || plan.volume.copies[0].found)
			report_volume(stdout, &plan);
	}
	fatal_if(!fine, &plan.why);
	if (!options->info)
		report_plan(stdout, &plan, false, options->json);
	plan_free(&plan);
	close(disk->fd);
}

/* Opens and locks the file; another process that replaces it at the moment is
 * waited for, a minute times `scale`. */
static void
open_replaced(struct disk *d, double scale)
{
	int again = 1;

	open_directory(d);
	while (again > 0)
		again = open_locked(d, scale);
	if (again < 0 && errno == EWOULDBLOCK)
		fatal("%s: locked by another process", d->name);
	if (again < 0)
		fatal_errno(d->name);
	if (!S_ISREG(d->st.st_mode))
		fatal("%s: not a regular file", d->name);
	disk_guard(d);
}

static void
copy_attributes(const struct disk *d)
{
	char *keys = memory_got(malloc(XATTR_LIST_MAX));
	char *value = memory_got(malloc(XATTR_SIZE_MAX));
	ssize_t len = flistxattr(d->fd, keys, XATTR_LIST_MAX);

	if (len < 0 && errno != ENOTSUP)
		fatal_errno(d->name);
	for (ssize_t i = 0; i < len; i += (ssize_t)strlen(keys + i) + 1) {
		ssize_t n = fgetxattr(d->fd, keys + i, value, XATTR_SIZE_MAX);

		if (n < 0 ||
		    fsetxattr(d->copy.fd, keys + i, value, (size_t)n, 0) < 0)
			fatal("%s: attribute %s: %s", d->name, keys + i,
			    strerror(errno));
	}
	free(value);
	free(keys);
}

/* Gives the grown copy the owner, mode and extended attributes of the file, and
 * durably puts it in the file's place. */
static void
commit(struct disk *d)
{
	int fd = d->copy.fd;

	if (fchown(fd, d->st.st_uid, d->st.st_gid) < 0)
		fatal("%s: its owner: %s", d->name, strerror(errno));
	/* After the owner, whose change takes set-user-ID bits away. */
	if (fchmod(fd, d->st.st_mode & 07777) < 0)
		fatal("%s: its mode: %s", d->name, strerror(errno));
	copy_attributes(d);
	if (fsync(fd) < 0)
		fatal_errno(d->name);
	/* Whoever writes to the file without asking for the lock loses nothing.
	 */
	disk_check_unchanged(d);
	if (whole_file_replace(&d->copy) < 0)
		fatal_errno(d->name);
}

static void
replace(const struct options *options, struct disk *disk)
{
	struct plan plan;

	/* Opens all there will be to open, then gives up the right to. */
	open_replaced(disk, options->scale);
	uint64_t size = (uint64_t)disk->st.st_size;
	bool grows = size < options->length;
	if (grows && disk->st.st_nlink > 1)
		fatal("%s: has %ju hard links, and the others would keep the "
		      "old image: replace it by a copy of its own first",
		    disk->name, (uintmax_t)disk->st.st_nlink);
	if (grows)
		disk_begin(disk);
	disk_confine(disk);
	fatal_if(!plan_make(&plan, disk->fd, disk->name, size, options->length),
	    &plan.why);
	if (grows) {
		plan_copy(&plan, disk->fd, disk->copy.fd, disk->name);
		commit(disk);
	}
	if (options->verbose)
		report_plan(stderr, &plan, true, options->json);
	plan_free(&plan);
	disk_close(disk);
}

void
in_file(const struct options *options)
{
	struct disk disk = {
	    .name = options->image, .directory = -1, .copy = {.fd = -1}};

	(options->info || options->dry ? look : replace)(options, &disk);
}
