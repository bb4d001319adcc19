/* An LD_PRELOAD interposer that makes one call of a program fail.
 *
 *   FAULT_IN     the program's name; other programs are left alone
 *   FAULT_CALL   the call, by its symbol in libc: open64, read, malloc ...
 *   FAULT_NTH    which one of them fails, from 1; a fork inherits the count
 *   FAULT_ERRNO  its errno, a number; or "short": half of what was asked for is
 *                read or written
 *   FAULT_LOG    a file of struct shared, below: what calls there were, and
 *                whether one has failed
 *
 * Counting begins with main. What stdio does inside libc cannot be reached, so
 * its functions fail as a whole. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

enum { NAMES = 128 };

/* In a shared mapping, so that it works in a sandbox without descriptors. */
struct shared {
	uint64_t fired;
	struct {
		uint64_t used; /* 0: free, 1: being named, 2: has a name */
		uint64_t most; /* the highest number in any process */
		char name[40];
	} calls[NAMES];
};

static bool active, shortened;
static _Thread_local bool granted; /* memory, whatever is wanted */
static const char *wanted;
static uint64_t nth;
static int error_number;
static struct shared *shared;
static uint64_t counts[NAMES]; /* this process's, and its parent's before */

static size_t
slot_of(const char *name)
{
	for (size_t i = 0; i < NAMES; i++) {
		uint64_t *used = &shared->calls[i].used, free = 0;

		if (__atomic_compare_exchange_n(used, &free, 1, false,
			__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
			strncpy(shared->calls[i].name, name,
			    sizeof(shared->calls[i].name) - 1);
			__atomic_store_n(used, 2, __ATOMIC_SEQ_CST);
		}
		while (__atomic_load_n(used, __ATOMIC_SEQ_CST) != 2)
			;
		if (strcmp(shared->calls[i].name, name) == 0)
			return i;
	}
	abort();
}

static uint64_t
count(const char *name)
{
	size_t i = slot_of(name);
	uint64_t n = __atomic_add_fetch(&counts[i], 1, __ATOMIC_SEQ_CST);

	if (n > shared->calls[i].most)
		shared->calls[i].most = n;
	return n;
}

/* Whether this call is the one to fail. */
static bool
hit(const char *name)
{
	if (!active)
		return false;
	uint64_t n = count(name);
	if (nth == 0 || n != nth || strcmp(name, wanted) != 0)
		return false;
	shared->fired++;
	return true;
}

static bool
fails(const char *name)
{
	if (!hit(name) || shortened)
		return false;
	errno = error_number;
	return true;
}

#define REAL(name) \
	static __typeof__(name) *real; \
	if (real == NULL) \
	*(void **)&real = dlsym(RTLD_NEXT, #name)

/* A function that returns `bad` when it fails. */
#define FAIL(type, bad, name, parameters, arguments) \
	type name parameters \
	{ \
		REAL(name); \
		return fails(#name) ? bad : real arguments; \
	}

/* One that may transfer less than n. */
#define TRANSFER(name, parameters, n, arguments) \
	ssize_t name parameters \
	{ \
		REAL(name); \
		if (hit(#name)) { \
			if (!shortened) { \
				errno = error_number; \
				return -1; \
			} \
			n = (n + 1) / 2; \
		} \
		return real arguments; \
	}

/* One that returns the error's number. */
#define RETURN(name, parameters, arguments) \
	int name parameters \
	{ \
		REAL(name); \
		return fails(#name) ? error_number : real arguments; \
	}

TRANSFER(read, (int fd, void *b, size_t n), n, (fd, b, n))
TRANSFER(write, (int fd, const void *b, size_t n), n, (fd, b, n))
TRANSFER(pread64, (int fd, void *b, size_t n, off64_t o), n, (fd, b, n, o))
/* So _FORTIFY_SOURCE calls them, with the room there is. */
ssize_t
__read_chk(int fd, void *b, size_t n, size_t room)
{
	if (n > room)
		abort();
	return read(fd, b, n);
}

ssize_t
__pread64_chk(int fd, void *b, size_t n, off64_t o, size_t room)
{
	if (n > room)
		abort();
	return pread64(fd, b, n, o);
}

TRANSFER(
    pwrite64, (int fd, const void *b, size_t n, off64_t o), n, (fd, b, n, o))
TRANSFER(recv, (int fd, void *b, size_t n, int f), n, (fd, b, n, f))
TRANSFER(send, (int fd, const void *b, size_t n, int f), n, (fd, b, n, f))
TRANSFER(copy_file_range,
    (int i, off64_t *io, int o, off64_t *oo, size_t n, unsigned f), n,
    (i, io, o, oo, n, f))
TRANSFER(getrandom, (void *b, size_t n, unsigned f), n, (b, n, f))

int
open64(const char *path, int flags, ...)
{
	va_list ap;

	REAL(open64);
	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails("open64") ? -1 : real(path, flags, mode);
}

int __open64_2(const char *path, int flags);

int
__open64_2(const char *path, int flags)
{
	return open64(path, flags);
}

int
openat64(int at, const char *path, int flags, ...)
{
	va_list ap;

	REAL(openat64);
	va_start(ap, flags);
	mode_t mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails("openat64") ? -1 : real(at, path, flags, mode);
}

int
fcntl64(int fd, int command, ...)
{
	va_list ap;

	REAL(fcntl64);
	va_start(ap, command);
	long argument = va_arg(ap, long);
	va_end(ap);
	return fails("fcntl64") ? -1 : real(fd, command, argument);
}

int
ioctl(int fd, unsigned long command, ...)
{
	va_list ap;

	REAL(ioctl);
	va_start(ap, command);
	long argument = va_arg(ap, long);
	va_end(ap);
	return fails("ioctl") ? -1 : real(fd, command, argument);
}

int
execl(const char *path, const char *word, ...)
{
	const char *words[16] = {word};
	va_list ap;

	va_start(ap, word);
	for (size_t i = 1; i < 15 && words[i - 1] != NULL; i++)
		words[i] = va_arg(ap, const char *);
	va_end(ap);
	return fails("execl") ? -1
			      : execv(path, (char *const *)(uintptr_t)words);
}

long
syscall(long number, ...)
{
	va_list ap;
	long a[6];

	REAL(syscall);
	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (fails("syscall"))
		return -1;
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* What is closed is closed, whatever it says. */
int
close(int fd)
{
	REAL(close);
	bool bad = fails("close");
	int result = real(fd);
	if (bad)
		errno = error_number;
	return bad ? -1 : result;
}

/* A stream that could not be written to: what was not written is lost, it
 * knows, and it cannot be written to later. */
static FILE *broken;

static bool
breaks(const char *name, FILE *f)
{
	if (fails(name))
		broken = f;
	if (f != broken)
		return false;
	__fpurge(f);
	f->_flags |= 0x20; /* glibc's _IO_ERR_SEEN */
	errno = error_number;
	return true;
}

int
fclose(FILE *f)
{
	REAL(fclose);
	bool bad = breaks("fclose", f);
	int result = real(f);
	if (bad)
		errno = error_number;
	return bad ? EOF : result;
}

int
fflush(FILE *f)
{
	REAL(fflush);
	return breaks("fflush", f) ? EOF : real(f);
}

int
fputs(const char *s, FILE *f)
{
	REAL(fputs);
	return breaks("fputs", f) ? EOF : real(s, f);
}

int
puts(const char *s)
{
	REAL(puts);
	return breaks("puts", stdout) ? EOF : real(s);
}

int
putc(int c, FILE *f)
{
	REAL(putc);
	return breaks("putc", f) ? EOF : real(c, f);
}

int
fputc(int c, FILE *f)
{
	REAL(fputc);
	return breaks("fputc", f) ? EOF : real(c, f);
}

size_t
fwrite(const void *b, size_t size, size_t n, FILE *f)
{
	REAL(fwrite);
	return breaks("fwrite", f) ? 0 : real(b, size, n, f);
}

/* Not messages: who cannot tell why has no other way to. */
static int
print(FILE *f, const char *format, va_list ap)
{
	if (f != stderr && breaks("fprintf", f))
		return EOF;
	return vfprintf(f, format, ap);
}

/* Each printf(3) has a name of its own when _FORTIFY_SOURCE is defined. */
#define PRINT(name, f, ...) \
	int name(__VA_ARGS__, const char *format, ...) \
	{ \
		va_list ap; \
		va_start(ap, format); \
		int n = print(f, format, ap); \
		va_end(ap); \
		return n; \
	}

int __fprintf_chk(FILE *f, int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);
PRINT(fprintf, f, FILE *f)
PRINT(__fprintf_chk, f, FILE *f, __attribute__((unused)) int flag)
PRINT(__printf_chk, stdout, __attribute__((unused)) int flag)

ssize_t
readv(int fd, const struct iovec *v, int n)
{
	REAL(readv);
	if (!hit("readv"))
		return real(fd, v, n);
	if (!shortened) {
		errno = error_number;
		return -1;
	}
	return read(fd, v->iov_base, (v->iov_len + 1) / 2);
}

FAIL(FILE *, NULL, fopen64, (const char *p, const char *m), (p, m))
FAIL(FILE *, NULL, fdopen, (int fd, const char *m), (fd, m))
FAIL(FILE *, NULL, fmemopen, (void *b, size_t n, const char *m), (b, n, m))
FAIL(FILE *, NULL, open_memstream, (char **b, size_t *n), (b, n))
FAIL(DIR *, NULL, opendir, (const char *p), (p))
FAIL(DIR *, NULL, fdopendir, (int fd), (fd))
FAIL(struct dirent64 *, NULL, readdir64, (DIR * d), (d))
FAIL(char *, NULL, fgets, (char *b, int n, FILE *f), (b, n, f))
FAIL(ssize_t, -1, getdelim, (char **b, size_t *n, int d, FILE *f), (b, n, d, f))
FAIL(ssize_t, -1, __getdelim, (char **b, size_t *n, int d, FILE *f),
    (b, n, d, f))
FAIL(char *, NULL, getcwd, (char *b, size_t n), (b, n))
FAIL(char *, NULL, realpath, (const char *p, char *b), (p, b))
FAIL(ssize_t, -1, readlink, (const char *p, char *b, size_t n), (p, b, n))
FAIL(ssize_t, -1, readlinkat, (int at, const char *p, char *b, size_t n),
    (at, p, b, n))
FAIL(int, -1, access, (const char *p, int m), (p, m))
FAIL(int, -1, faccessat, (int at, const char *p, int m, int f), (at, p, m, f))
FAIL(int, -1, stat64, (const char *p, struct stat64 *s), (p, s))
FAIL(int, -1, lstat64, (const char *p, struct stat64 *s), (p, s))
FAIL(int, -1, fstat64, (int fd, struct stat64 *s), (fd, s))
FAIL(int, -1, fstatat64, (int at, const char *p, struct stat64 *s, int f),
    (at, p, s, f))
FAIL(int, -1, statx,
    (int at, const char *p, int f, unsigned m, struct statx *s),
    (at, p, f, m, s))
FAIL(int, -1, fstatvfs64, (int fd, struct statvfs64 *s), (fd, s))
FAIL(off64_t, -1, lseek64, (int fd, off64_t o, int w), (fd, o, w))
FAIL(int, -1, ftruncate64, (int fd, off64_t n), (fd, n))
FAIL(int, -1, fallocate64, (int fd, int m, off64_t o, off64_t n), (fd, m, o, n))
FAIL(int, -1, fsync, (int fd), (fd))
FAIL(int, -1, fchmod, (int fd, mode_t m), (fd, m))
FAIL(int, -1, chmod, (const char *p, mode_t m), (p, m))
FAIL(int, -1, fchmodat, (int at, const char *p, mode_t m, int f), (at, p, m, f))
FAIL(int, -1, futimens, (int fd, const struct timespec t[2]), (fd, t))
FAIL(int, -1, utimensat,
    (int dir, const char *name, const struct timespec t[2], int flags),
    (dir, name, t, flags))
FAIL(ssize_t, -1, flistxattr, (int fd, char *b, size_t n), (fd, b, n))
FAIL(ssize_t, -1, fgetxattr, (int fd, const char *a, void *b, size_t n),
    (fd, a, b, n))
FAIL(int, -1, fsetxattr,
    (int fd, const char *a, const void *b, size_t n, int f), (fd, a, b, n, f))
FAIL(int, -1, truncate64, (const char *p, off64_t n), (p, n))
/* glibc's does not look whether it got memory for the root's entry, and
 * crashes: all that it asks for is granted. */
FTS64 *
fts64_open(
    char *const *p, int o, int (*c)(const FTSENT64 **, const FTSENT64 **))
{
	REAL(fts64_open);
	if (fails("fts64_open"))
		return NULL;
	granted = true;
	FTS64 *tree = real(p, o, c);
	granted = false;
	return tree;
}

/* It has read before it fails: fts_close(3) of glibc leaves the root behind
 * when nothing was ever read. */
FTSENT64 *
fts64_read(FTS64 *f)
{
	REAL(fts64_read);
	FTSENT64 *entry = real(f);

	return fails("fts64_read") ? NULL : entry;
}

FAIL(int, -1, fchdir, (int fd), (fd))
FAIL(int, -1, fstatfs64, (int fd, struct statfs64 *s), (fd, s))
FAIL(int, -1, fchown, (int fd, uid_t u, gid_t g), (fd, u, g))
FAIL(int, -1, flock, (int fd, int o), (fd, o))
FAIL(int, -1, rename, (const char *a, const char *b), (a, b))
FAIL(int, -1, renameat, (int i, const char *a, int o, const char *b),
    (i, a, o, b))
FAIL(int, -1, renameat2,
    (int i, const char *a, int o, const char *b, unsigned f), (i, a, o, b, f))
FAIL(int, -1, remove, (const char *p), (p))
FAIL(int, -1, rmdir, (const char *p), (p))
FAIL(int, -1, mkdir, (const char *p, mode_t m), (p, m))
FAIL(int, -1, linkat, (int i, const char *a, int o, const char *b, int f),
    (i, a, o, b, f))
FAIL(int, -1, symlinkat, (const char *a, int at, const char *b), (a, at, b))
FAIL(int, -1, unlink, (const char *p), (p))
FAIL(int, -1, unlinkat, (int at, const char *p, int f), (at, p, f))
FAIL(int, -1, mkdirat, (int at, const char *p, mode_t m), (at, p, m))
FAIL(char *, NULL, mkdtemp, (char *p), (p))
FAIL(int, -1, mkostemp64, (char *p, int f), (p, f))
FAIL(int, -1, memfd_create, (const char *p, unsigned f), (p, f))
FAIL(void *, MAP_FAILED, mmap64,
    (void *a, size_t n, int p, int f, int fd, off64_t o), (a, n, p, f, fd, o))
FAIL(int, -1, pipe2, (int p[2], int f), (p, f))
FAIL(int, -1, dup2, (int a, int b), (a, b))
FAIL(int, -1, close_range, (unsigned a, unsigned b, int f), (a, b, f))
FAIL(int, -1, chdir, (const char *p), (p))
FAIL(pid_t, -1, fork, (void), ())
FAIL(int, -1, execvp, (const char *p, char *const a[]), (p, a))
FAIL(int, -1, execv, (const char *p, char *const a[]), (p, a))
FAIL(pid_t, -1, waitpid, (pid_t p, int *s, int o), (p, s, o))
FAIL(int, -1, waitid, (idtype_t t, id_t i, siginfo_t *s, int o), (t, i, s, o))
FAIL(pid_t, -1, wait4, (pid_t p, int *s, int o, struct rusage *r), (p, s, o, r))
FAIL(int, -1, setpgid, (pid_t p, pid_t g), (p, g))
FAIL(pid_t, -1, setsid, (void), ())
FAIL(pid_t, -1, getpgid, (pid_t p), (p))
FAIL(int, -1, kill, (pid_t p, int s), (p, s))
FAIL(int, -1, setrlimit64, (__rlimit_resource_t r, const struct rlimit64 *l),
    (r, l))
FAIL(int, -1, sched_getaffinity, (pid_t p, size_t n, cpu_set_t *s), (p, n, s))
FAIL(int, -1, sigwaitinfo, (const sigset_t *s, siginfo_t *i), (s, i))
FAIL(int, -1, setenv, (const char *n, const char *v, int o), (n, v, o))
FAIL(int, -1, poll, (struct pollfd * f, nfds_t n, int t), (f, n, t))
FAIL(int, -1, ppoll,
    (struct pollfd * f, nfds_t n, const struct timespec *t, const sigset_t *s),
    (f, n, t, s))
FAIL(int, -1, nanosleep, (const struct timespec *t, struct timespec *r), (t, r))
FAIL(int, -1, pidfd_open, (pid_t p, unsigned f), (p, f))
FAIL(int, -1, signalfd, (int fd, const sigset_t *s, int f), (fd, s, f))
FAIL(int, -1, socket, (int d, int t, int p), (d, t, p))
FAIL(int, -1, socketpair, (int d, int t, int p, int v[2]), (d, t, p, v))
FAIL(int, -1, bind, (int fd, const struct sockaddr *a, socklen_t n), (fd, a, n))
FAIL(int, -1, accept4, (int fd, struct sockaddr *a, socklen_t *n, int f),
    (fd, a, n, f))
FAIL(int, -1, connect, (int fd, const struct sockaddr *a, socklen_t n),
    (fd, a, n))
FAIL(int, -1, listen, (int fd, int n), (fd, n))
FAIL(int, -1, shutdown, (int fd, int how), (fd, how))
FAIL(ssize_t, -1, sendmsg, (int fd, const struct msghdr *m, int f), (fd, m, f))
FAIL(int, -1, posix_openpt, (int f), (f))
FAIL(int, -1, grantpt, (int fd), (fd))
FAIL(int, -1, unlockpt, (int fd), (fd))
FAIL(int, -1, tcgetattr, (int fd, struct termios *t), (fd, t))
FAIL(int, -1, tcsetattr, (int fd, int a, const struct termios *t), (fd, a, t))
RETURN(posix_spawn_file_actions_init, (posix_spawn_file_actions_t * x), (x))
RETURN(posix_spawn_file_actions_adddup2,
    (posix_spawn_file_actions_t * x, int a, int b), (x, a, b))
RETURN(posix_spawn_file_actions_addopen,
    (posix_spawn_file_actions_t * x, int fd, const char *p, int f, mode_t m),
    (x, fd, p, f, m))
RETURN(posix_spawnp,
    (pid_t * p, const char *f, const posix_spawn_file_actions_t *x,
	const posix_spawnattr_t *y, char *const a[], char *const e[]),
    (p, f, x, y, a, e))
RETURN(pthread_create,
    (pthread_t * t, const pthread_attr_t *a, void *(*f)(void *), void *x),
    (t, a, f, x))

int
prctl(int option, ...)
{
	va_list ap;
	unsigned long a[4];
	static int (*real)(int, ...);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "prctl");
	va_start(ap, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	return fails("prctl") ? -1 : real(option, a[0], a[1], a[2], a[3]);
}

/* dlsym(3) itself allocates, so these go straight to glibc's. Under a sanitizer
 * they are never called: it has its own. */
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *p, size_t n);
extern void *__libc_memalign(size_t a, size_t n);

/* Some libraries do not bear to be out of memory: libcrypto and libarchive
 * crash, the latter also when liblzma is. */
static bool
ours(void *caller)
{
	Dl_info object;

	if (!active || granted || dladdr(caller, &object) == 0)
		return false;
	return strstr(object.dli_fname, "/libcrypto.") == NULL &&
	       strstr(object.dli_fname, "/libarchive.") == NULL &&
	       strstr(object.dli_fname, "/liblzma.") == NULL;
}

static bool
no_memory(void *caller)
{
	return ours(caller) && fails("malloc");
}

void *
malloc(size_t n)
{
	return no_memory(__builtin_return_address(0)) ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return no_memory(__builtin_return_address(0)) ? NULL
						      : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return no_memory(__builtin_return_address(0)) ? NULL
						      : __libc_realloc(p, n);
}

void *
aligned_alloc(size_t a, size_t n)
{
	return no_memory(__builtin_return_address(0)) ? NULL
						      : __libc_memalign(a, n);
}

static int (*real_main)(int, char **, char **);

static void
configure(void)
{
	const char *in = getenv("FAULT_IN"), *log = getenv("FAULT_LOG");
	const char *n = getenv("FAULT_NTH"), *number = getenv("FAULT_ERRNO");

	if (in == NULL || log == NULL ||
	    strcmp(in, program_invocation_short_name) != 0)
		return;
	wanted = getenv("FAULT_CALL");
	nth = n != NULL ? strtoull(n, NULL, 10) : 0;
	shortened = number != NULL && strcmp(number, "short") == 0;
	error_number = number != NULL ? (int)strtol(number, NULL, 10) : 0;
	int fd = open(log, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	shared = mmap(
	    NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	active = shared != MAP_FAILED && (nth == 0 || wanted != NULL);
}

static int
counted_main(int argc, char **argv, char **environment)
{
	configure();
	return real_main(argc, argv, environment);
}

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end);

int
__libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
    void (*init)(void), void (*fini)(void), void (*rtld_fini)(void),
    void *stack_end)
{
	REAL(__libc_start_main);
	real_main = main;
	return real(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}
