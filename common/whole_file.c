#include "whole_file.h"

#include "system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ATTEMPTS = 10 };

/* The first name is the one that the next writer looks for; the others are for
 * when somebody else has it and keeps it. */
static void
choose_temporary(struct whole_file *file, int attempt)
{
	int room = NAME_MAX - (int)sizeof("..emu-01234567");
	uint32_t number = 0;

	if (attempt == 0 && file->name[0] != '\0') {
		snprintf(file->temporary, sizeof(file->temporary), ".%.*s.emu",
		    room, file->name);
		return;
	}
	if (getrandom(&number, sizeof(number), 0) < 0)
		number = (uint32_t)getpid() + (uint32_t)attempt;
	snprintf(file->temporary, sizeof(file->temporary), ".%.*s.emu-%08x",
	    room, file->name, number);
}

/* Locks the file open as fd. Returns whether it is ours alone then and still
 * has the temporary name: before it was locked, its writer may have renamed it,
 * or somebody taken it for a leftover. */
static bool
lock(const struct whole_file *file, int fd)
{
	struct stat locked, named;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &locked) == 0 &&
	       fstatat(file->dir, file->temporary, &named,
		   AT_SYMLINK_NOFOLLOW) == 0 &&
	       locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

/* Removes what a writer that was killed has left under the temporary name. */
static void
remove_leftover(const struct whole_file *file)
{
	int fd = openat(file->dir, file->temporary,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (lock(file, fd))
		unlinkat(file->dir, file->temporary, 0);
	close(fd);
}

static int
open_named(struct whole_file *file, mode_t mode)
{
	const int flags =
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		choose_temporary(file, attempt);
		remove_leftover(file);
		file->fd = openat(file->dir, file->temporary, flags, mode);
		if (file->fd >= 0 && lock(file, file->fd))
			return 0;
		if (file->fd < 0 && errno != EEXIST)
			break;
		if (file->fd >= 0)
			close(file->fd);
		file->fd = -1;
		errno = EEXIST;
	}
	file->temporary[0] = '\0';
	return -1;
}

/* The errors of a file system, or a kernel, without O_TMPFILE. */
static bool
lacks_tmpfile(int error)
{
	return error == EOPNOTSUPP || error == EISDIR || error == EINVAL ||
	       error == ENOENT;
}

int
whole_file_open(struct whole_file *file, int dir, const char *name, mode_t mode)
{
	struct stat st;

	*file = (struct whole_file){.fd = -1, .dir = dir};
	if (name != NULL && strlen(name) > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(file->name, sizeof(file->name), "%s", name ? name : "");
	/* Now, for a sandbox may forbid it later. */
	if (name != NULL) {
		choose_temporary(file, 0);
		remove_leftover(file);
		file->temporary[0] = '\0';
	}
	/* Without /proc the file could not be given a name later. */
	if (fstatat(AT_FDCWD, "/proc/self/fd", &st, 0) < 0)
		return open_named(file, mode);
	file->fd = openat(dir, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, mode);
	if (file->fd < 0 && lacks_tmpfile(errno))
		return open_named(file, mode);
	return file->fd < 0 ? -1 : 0;
}

static int
link_unnamed(const struct whole_file *file, const char *name)
{
	char self[32];

	snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
	return linkat(AT_FDCWD, self, file->dir, name, AT_SYMLINK_FOLLOW);
}

/* Not every file system knows RENAME_NOREPLACE, nor every other one links. */
static int
rename_to_free(const struct whole_file *file, const char *name)
{
	if (renameat2(file->dir, file->temporary, file->dir, name,
		RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (linkat(file->dir, file->temporary, file->dir, name, 0) < 0)
		return -1;
	return unlinkat(file->dir, file->temporary, 0);
}

/* Gives a file without a name a temporary one. */
static int
link_temporary(struct whole_file *file)
{
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		choose_temporary(file, attempt);
		remove_leftover(file);
		if (link_unnamed(file, file->temporary) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	file->temporary[0] = '\0';
	return -1;
}

int
whole_file_park(struct whole_file *file)
{
	if (file->temporary[0] == '\0' && link_temporary(file) < 0)
		return -1;
	close(file->fd);
	file->fd = -1;
	return 0;
}

int
whole_file_take(const struct whole_file *file)
{
	if (file->fd >= 0)
		return fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
	return openat(
	    file->dir, file->temporary, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
}

int
whole_file_create(struct whole_file *file, const char *name)
{
	if (file->temporary[0] == '\0')
		return link_unnamed(file, name);
	if (rename_to_free(file, name) < 0)
		return -1;
	file->temporary[0] = '\0';
	return 0;
}

int
whole_file_replace(struct whole_file *file)
{
	sigset_t all, before;
	int result = 0;

	/* No signal shall leave the temporary name behind. If the file gets it
	 * only here, SIGKILL leaves it behind between two calls alone; the lock
	 * tells others that it is no leftover: a file that has lost its only
	 * name gets no other one. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (file->temporary[0] == '\0') {
		flock(file->fd, LOCK_EX | LOCK_NB);
		result = link_temporary(file);
	}
	if (result == 0)
		result =
		    renameat(file->dir, file->temporary, file->dir, file->name);
	if (result == 0)
		file->temporary[0] = '\0';
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	/* Some file systems know no fsync of a directory. */
	if (result == 0 && fsync(file->dir) < 0 && errno != EINVAL)
		result = -1;
	return result;
}

void
whole_file_close(struct whole_file *file)
{
	int error = errno;

	if (file->temporary[0] != '\0')
		unlinkat(file->dir, file->temporary, 0);
	file->temporary[0] = '\0';
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	errno = error;
}
