/* Preloaded into emu-spawn, makes one call fail: FAULT=NAME:N:ERRNO makes the
 * Nth call of NAME return -1 with errno ERRNO (mmap: MAP_FAILED). FAULT_LOG
 * names a file that appears when it happened. Other programs, and what
 * emu-spawn forks, run as always. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static int
real_open(const char *path, int flags, mode_t mode)
{
	int (*open_it)(const char *, int, ...);

	*(void **)&open_it = dlsym(RTLD_NEXT, "open64");
	return open_it(path, flags, mode);
}

/* Whether this call of the function is the one. */
static int
hit(const char *name)
{
	static pid_t ours;
	static long left = -1, error;
	static char wanted[32];
	const char *fault = getenv("FAULT"), *log = getenv("FAULT_LOG");

	if (left < 0) {
		const char *self = program_invocation_short_name;

		left = 0;
		ours = getpid();
		if (fault == NULL || strcmp(self, "emu-spawn") != 0)
			return 0;
		size_t len = strcspn(fault, ":");
		memcpy(wanted, fault, len < 31 ? len : 31);
		char *end;
		left = strtol(fault + len + 1, &end, 10);
		error = strtol(end + 1, NULL, 10);
	}
	if (left == 0 || getpid() != ours || strcmp(name, wanted) != 0 ||
	    --left > 0)
		return 0;
	if (log != NULL)
		close(real_open(log, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	errno = (int)error;
	return 1;
}

#define FAULTY(type, name, params, args, failed) \
	type name params; \
	type name params \
	{ \
		type(*real) params; \
\
		if (hit(#name)) \
			return failed; \
		*(void **)&real = dlsym(RTLD_NEXT, #name); \
		return real args; \
	}

FAULTY(ssize_t, read, (int fd, void *p, size_t n), (fd, p, n), -1)
FAULTY(ssize_t, readv, (int fd, const struct iovec *v, int n), (fd, v, n), -1)
FAULTY(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n), -1)
FAULTY(ssize_t, pread64, (int fd, void *p, size_t n, off64_t at),
    (fd, p, n, at), -1)
FAULTY(int, ppoll,
    (struct pollfd * p, nfds_t n, const struct timespec *t, const sigset_t *s),
    (p, n, t, s), -1)
FAULTY(pid_t, fork, (void), (), -1)
FAULTY(int, pipe2, (int fds[2], int flags), (fds, flags), -1)
FAULTY(int, socketpair, (int a, int b, int c, int fds[2]), (a, b, c, fds), -1)
FAULTY(int, socket, (int a, int b, int c), (a, b, c), -1)
FAULTY(int, listen, (int a, int b), (a, b), -1)
FAULTY(
    int, signalfd, (int fd, const sigset_t *s, int flags), (fd, s, flags), -1)
FAULTY(int, posix_openpt, (int flags), (flags), -1)
FAULTY(int, unlockpt, (int fd), (fd), -1)
FAULTY(void *, malloc, (size_t n), (n), NULL)
FAULTY(char *, mkdtemp, (char *p), (p), NULL)
FAULTY(int, mkostemp64, (char *p, int flags), (p, flags), -1)
FAULTY(int, fsync, (int fd), (fd), -1)
FAULTY(int, rename, (const char *a, const char *b), (a, b), -1)
FAULTY(void *, mmap64, (void *p, size_t n, int a, int b, int fd, off64_t at),
    (p, n, a, b, fd, at), MAP_FAILED)

int open64(const char *path, int flags, ...);

int
open64(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return hit("open64") ? -1 : real_open(path, flags, mode);
}
