/* An LD_PRELOAD interposer for what becomes of new files.
 *
 *   NO_TMPFILE  set: the file system knows no O_TMPFILE
 *   NO_FLAGS    set: nor flags of renameat2(2)
 *   NO_FRACTION set: nor fractions of a second
 *   KILL_AT     the process gets SIGKILL in this call: fsync, rename */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
kill_at(const char *call)
{
	const char *at = getenv("KILL_AT");

	if (at != NULL && strcmp(at, call) == 0)
		raise(SIGKILL);
}

int
openat64(int dir, const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;

	if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if ((flags & O_TMPFILE) == O_TMPFILE && getenv("NO_TMPFILE") != NULL) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return (int)syscall(SYS_openat, dir, path, flags, mode);
}

static int
poor_stat(int dir, const char *path, struct stat64 *st, int flags)
{
	int result = fstatat64(dir, path, st, flags);

	if (result == 0 && getenv("NO_FRACTION") != NULL)
		st->st_mtim.tv_nsec = st->st_ctim.tv_nsec = 0;
	return result;
}

int
fstat64(int fd, struct stat64 *st)
{
	return poor_stat(fd, "", st, AT_EMPTY_PATH);
}

int
stat64(const char *path, struct stat64 *st)
{
	return poor_stat(AT_FDCWD, path, st, 0);
}

int
fsync(int fd)
{
	kill_at("fsync");
	return (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	kill_at("rename");
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

int
renameat2(
    int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	kill_at("rename");
	if (flags != 0 && getenv("NO_FLAGS") != NULL) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}
