/* Preloaded: when the program reads its first bytes of the file HIJACK_FILE, it
 * behaves as if these had taken it over. It tries what it should not be able
 * to, below the directory HIJACK_HOME and beyond, and tells on descriptor
 * HIJACK_REPORT, a line each, the error or "done". Then it goes on. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static struct stat file;
static int report = -1;
static char secret[4096], new[4096], stolen[4096], program[128];

__attribute__((constructor)) static void
begin(void)
{
	const char *home = getenv("HIJACK_HOME"), *fd = getenv("HIJACK_REPORT");
	const char *name = getenv("HIJACK_FILE");

	if (home == NULL || fd == NULL || name == NULL || stat(name, &file) < 0)
		abort();
	report = atoi(fd);
	snprintf(secret, sizeof(secret), "%s/.ssh/id_rsa", home);
	snprintf(new, sizeof(new), "%s/.ssh/authorized_keys", home);
	snprintf(stolen, sizeof(stolen), "%s/stolen", home);
	snprintf(program, sizeof(program), "echo execve: done >&%d", report);
}

static void
tell(const char *what, long result)
{
	dprintf(report, "%s: %s\n", what,
	    result < 0 ? strerrorname_np(errno) : "done");
}

/* Without libc, which may have ways of its own. The last one does not return
 * when it succeeds. */
static void
take_over(void)
{
	char *const argv[] = {"sh", "-c", program, NULL};
	struct iovec here = {.iov_base = program, .iov_len = 1};

	tell("read ~/.ssh", syscall(SYS_openat, AT_FDCWD, secret, O_RDONLY));
	tell("write ~/.ssh",
	    syscall(SYS_openat, AT_FDCWD, new, O_WRONLY | O_CREAT, 0600));
	tell("link ~/.ssh",
	    syscall(SYS_linkat, AT_FDCWD, secret, AT_FDCWD, stolen, 0));
	tell("socket", syscall(SYS_socket, AF_INET, SOCK_STREAM, 0));
	tell("local socket", syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0));
	tell("kill", syscall(SYS_kill, getppid(), 0));
	tell("other memory",
	    syscall(SYS_process_vm_readv, getpid(), &here, 1, &here, 1, 0));
	tell("ioctl", syscall(SYS_ioctl, report, FIONCLEX, 0));
	tell("execve", syscall(SYS_execve, "/bin/sh", argv, environ));
}

static void
see(int fd)
{
	static atomic_flag done = ATOMIC_FLAG_INIT;
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_ino == file.st_ino &&
	    st.st_dev == file.st_dev && !atomic_flag_test_and_set(&done))
		take_over();
}

ssize_t
read(int fd, void *data, size_t len)
{
	see(fd);
	return syscall(SYS_read, fd, data, len);
}

ssize_t
pread64(int fd, void *data, size_t len, off64_t at)
{
	see(fd);
	return syscall(SYS_pread64, fd, data, len, at);
}

/* So _FORTIFY_SOURCE calls them. */
ssize_t
__read_chk(int fd, void *data, size_t len, size_t room)
{
	(void)room;
	return read(fd, data, len);
}

ssize_t
__pread64_chk(int fd, void *data, size_t len, off_t at, size_t room)
{
	(void)room;
	return pread64(fd, data, len, at);
}
