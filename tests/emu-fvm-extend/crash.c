/* Preloaded into a program, ends it just before its n-th change of a file, and
 * leaves the files as a power cut might have left them.
 *
 *   CRASH_AT    n, from 1; 0 or absent: never
 *   CRASH_MODE  stop   the process ends, the files are as they are (SIGKILL)
 *               drop   what was not synced is gone, names are as they are: the
 *                      rename reached the disk before the data
 *               names  names that were not synced are gone as well
 *               fail   the change fails (EIO), and the process goes on
 *               torn   of what was not synced every second change is gone, and
 *                      half of the others
 *   CRASH_TOUCH   a file that somebody else changes, under its old mtime, while
 *                 fsync runs
 *   CRASH_NOSYNC  fsync does nothing, as if the program had forgotten it
 *
 * Changes are writes, truncations, allocations, clones, syncs, links and
 * renames. The exit status is 99. For programs with one thread. */
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CRASHED = 99, CHANGES_MAX = 4096 };

/* One change that has not been synced, and how to take it back. */
struct change {
	enum { DATA, SIZE, LINK, RENAME } kind;
	int fd; /* the file's, or of names the directory's; duplicated */
	ino_t inode;
	off64_t at; /* DATA: the offset; SIZE: the old size */
	size_t len;
	char *old;       /* DATA */
	char name[256];  /* LINK: the new name; RENAME: the one that is gone */
	char name2[256]; /* RENAME: the name it has now */
	char saved[256]; /* RENAME: another name of the file that was there */
};

static struct change changes[CHANGES_MAX];
static size_t change_count;
static unsigned long now;
static int touched;

static void *
next(const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	return p;
}

#define NEXT(function) ((__typeof__(&(function)))next(#function))

static bool
mode_is(const char *mode)
{
	const char *m = getenv("CRASH_MODE");

	return strcmp(m == NULL ? "stop" : m, mode) == 0;
}

static void
write_back(const struct change *c, size_t len)
{
	if (NEXT(pwrite64)(c->fd, c->old, len, c->at) != (ssize_t)len)
		abort();
}

static void
take_back(const struct change *c)
{
	switch (c->kind) {
	case DATA:
		write_back(c, c->len);
		break;
	case SIZE:
		if (NEXT(ftruncate64)(c->fd, c->at) < 0)
			abort();
		break;
	case LINK:
		if (mode_is("names"))
			NEXT(unlinkat)(c->fd, c->name, 0);
		break;
	case RENAME:
		if (mode_is("names")) {
			NEXT(linkat)(c->fd, c->name2, c->fd, c->name, 0);
			NEXT(renameat)(c->fd, c->saved, c->fd, c->name2);
		}
		break;
	}
}

static void
tear(const struct change *c, size_t i)
{
	if (i % 2 == 0)
		take_back(c);
	else if (c->kind == DATA)
		write_back(c, c->len / 2);
}

static void
forget(struct change *c)
{
	if (c->kind == RENAME)
		NEXT(unlinkat)(c->fd, c->saved, 0);
	close(c->fd);
	free(c->old);
	*c = (struct change){.fd = -1};
}

static void
crash(void)
{
	for (size_t i = change_count; i-- > 0;) {
		struct change *c = &changes[i];

		if (c->fd < 0)
			continue;
		if (mode_is("torn"))
			tear(c, i);
		else if (!mode_is("stop"))
			take_back(c);
		forget(c);
	}
	_exit(CRASHED);
}

/* Called before each change: whether it is to fail. */
static bool
step(void)
{
	const char *at = getenv("CRASH_AT");

	now++;
	if (at == NULL || strtoul(at, NULL, 10) != now)
		return false;
	if (!mode_is("fail"))
		crash();
	errno = EIO;
	return true;
}

static struct change *
record(int kind, int fd)
{
	struct stat64 st;

	if (change_count == CHANGES_MAX || fstat64(fd, &st) < 0)
		abort();
	struct change *c = &changes[change_count++];
	*c = (struct change){
	    .fd = fcntl(fd, F_DUPFD_CLOEXEC, 100), .inode = st.st_ino};
	c->kind = kind;
	return c;
}

static bool
regular(int fd)
{
	struct stat64 st;

	return fstat64(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static void
record_size(int fd)
{
	struct change *c = record(SIZE, fd);

	c->at = lseek64(fd, 0, SEEK_END);
}

static void
record_data(int fd, off64_t at, size_t len)
{
	off64_t size = lseek64(fd, 0, SEEK_END);

	if (at >= size)
		return;
	if ((off64_t)len > size - at)
		len = (size_t)(size - at);
	struct change *c = record(DATA, fd);
	c->at = at;
	c->len = len;
	c->old = malloc(len);
	if (c->old == NULL || pread64(fd, c->old, len, at) != (ssize_t)len)
		abort();
}

ssize_t
pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	if (step())
		return -1;
	record_size(fd);
	record_data(fd, at, len);
	return NEXT(pwrite64)(fd, data, len, at);
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
	return pwrite64(fd, data, len, at);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	if (!regular(fd))
		return NEXT(write)(fd, data, len);
	if (step())
		return -1;
	off64_t at = lseek64(fd, 0, SEEK_CUR);
	record_size(fd);
	record_data(fd, at, len);
	lseek64(fd, at, SEEK_SET);
	return NEXT(write)(fd, data, len);
}

int
ftruncate64(int fd, off64_t size)
{
	if (step())
		return -1;
	record_size(fd);
	return NEXT(ftruncate64)(fd, size);
}

int
ftruncate(int fd, off_t size)
{
	return ftruncate64(fd, size);
}

int
fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	if (step())
		return -1;
	record_size(fd);
	if (mode & FALLOC_FL_PUNCH_HOLE)
		record_data(fd, at, (size_t)len);
	return NEXT(fallocate64)(fd, mode, at, len);
}

int
fallocate(int fd, int mode, off_t at, off_t len)
{
	return fallocate64(fd, mode, at, len);
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list ap;

	va_start(ap, request);
	void *argument = va_arg(ap, void *);
	va_end(ap);
	if (request == FICLONERANGE) {
		const struct file_clone_range *range = argument;

		if (step())
			return -1;
		record_size(fd);
		record_data(
		    fd, (off64_t)range->dest_offset, (size_t)range->src_length);
	}
	return NEXT(ioctl)(fd, request, argument);
}

/* Opened before main, which may lose the right to open files. */
__attribute__((constructor)) static void
begin(void)
{
	const char *file = getenv("CRASH_TOUCH");

	touched = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
	if (file != NULL && touched < 0)
		abort();
}

/* Changes the change time alone: a writer may put the old mtime back. */
static void
touch(void)
{
	struct stat64 st;

	if (touched >= 0 && (fstat64(touched, &st) < 0 ||
				fchmod(touched, st.st_mode & 07777) < 0))
		abort();
}

static int
sync_with(int fd, int (*sync)(int))
{
	struct stat64 st;

	if (step())
		return -1;
	touch();
	if (getenv("CRASH_NOSYNC") != NULL)
		return 0;
	int result = sync(fd);
	if (result < 0 || fstat64(fd, &st) < 0)
		return result;
	for (size_t i = 0; i < change_count; i++) {
		if (changes[i].fd >= 0 && changes[i].inode == st.st_ino)
			forget(&changes[i]);
	}
	return result;
}

int
fsync(int fd)
{
	return sync_with(fd, NEXT(fsync));
}

int
fdatasync(int fd)
{
	return sync_with(fd, NEXT(fdatasync));
}

int
linkat(int from, const char *name, int to, const char *new, int flags)
{
	if (step())
		return -1;
	struct change *c = record(LINK, to);
	snprintf(c->name, sizeof(c->name), "%s", new);
	return NEXT(linkat)(from, name, to, new, flags);
}

int
renameat(int from, const char *name, int to, const char *new)
{
	if (step())
		return -1;
	struct change *c = record(RENAME, to);
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->name2, sizeof(c->name2), "%s", new);
	snprintf(c->saved, sizeof(c->saved), ".crash-%zu", change_count);
	NEXT(linkat)(to, new, to, c->saved, 0);
	return NEXT(renameat)(from, name, to, new);
}

int
rename(const char *name, const char *new)
{
	(void)name;
	(void)new;
	errx(98, "rename: only renameat is known here");
}

/* The end without a crash. */
__attribute__((destructor)) static void
finish(void)
{
	for (size_t i = 0; i < change_count; i++) {
		if (changes[i].fd >= 0)
			forget(&changes[i]);
	}
	if (getenv("CRASH_COUNT") != NULL)
		dprintf(2, "%lu changes\n", now);
}
