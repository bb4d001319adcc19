#ifndef SANDBOX_H
#define SANDBOX_H

#include "reason.h"

#include <stdint.h>

/* What may be done to files beneath a directory; Landlock's numbers. */
enum {
	SANDBOX_WRITE = 1 << 1,
	SANDBOX_READ = 1 << 2,
	SANDBOX_REMOVE = 1 << 5,
	SANDBOX_CREATE = 1 << 8, /* regular files */
	SANDBOX_TRUNCATE = 1 << 14,
};

enum { SANDBOX_CALLS_MAX = 32 };

/* What a process keeps beside the descriptors that are open, memory, threads
 * and its own end. */
struct sandbox {
	int directory;                /* open; -1: no directory */
	uint64_t rights;              /* there, of SANDBOX_* */
	int calls[SANDBOX_CALLS_MAX]; /* further system calls, then 0 */
	uint32_t request;             /* of ioctl(2), the only one; 0: none */
	uint64_t memory; /* bytes that it may have at most; 0: as before */
};

/* Gives all else up, for good: new privileges, other files, other programs, the
 * network, other processes. A system call that is not allowed does not exist
 * (ENOSYS). An older kernel does what it can, and a sanitizer's runtime, which
 * opens and calls more than the program, loses privileges only. Call it before
 * any thread is made. Returns 0, or -1 with the reason. */
int sandbox_enter(const struct sandbox *sandbox, struct reason *why);

#endif
