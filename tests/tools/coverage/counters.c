/* Linked into every program of make coverage. The counters are memory shared
 * with PROGRAM.counters from before main on, so they count whatever way a
 * process ends: _exit, exec, a signal, in a sandbox that may open nothing. gcov
 * by itself writes its files in exit(3) only. With COVERAGE_DUMP in the
 * environment the program adds what PROGRAM.counters holds to gcov's files, and
 * does nothing else. */
#include <fcntl.h>
#include <gcov.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct gcov_info;
extern void __gcov_init(struct gcov_info *info);

/* By the linker: the bounds of the section that -fprofile-info-section named,
 * and by counters.ld. */
extern struct gcov_info *__start_gcov_info[], *__stop_gcov_info[];
extern char counters_begin[], counters_end[];

static void
dump(void)
{
	for (struct gcov_info **i = __start_gcov_info; i < __stop_gcov_info;
	     i++)
		__gcov_init(*i);
	__gcov_dump();
	_exit(0);
}

__attribute__((constructor)) static void
share_counters(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	size_t size = (size_t)(counters_end - counters_begin);

	if (n < 0)
		return;
	snprintf(path + n, sizeof(path) - (size_t)n, ".counters");
	int fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	if (ftruncate(fd, (off_t)size) < 0 ||
	    mmap(counters_begin, size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		abort();
	close(fd);
	if (getenv("COVERAGE_DUMP") != NULL)
		dump();
}
