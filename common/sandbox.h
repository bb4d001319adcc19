#ifndef SANDBOX_H
#define SANDBOX_H

#include "reason.h"

#include <stdint.h>

/* Rights to files beneath a directory. The values are Landlock's. */
enum {
	SANDBOX_WRITE = 1 << 1,
	SANDBOX_READ = 1 << 2,
	SANDBOX_REMOVE = 1 << 5,
	SANDBOX_CREATE = 1 << 8, /* regular files */
	SANDBOX_TRUNCATE = 1 << 14,
};

enum { SANDBOX_CALLS_MAX = 32 };

/* What a process may still use in the sandbox, beside its open descriptors,
 * memory and threads. */
struct sandbox {
	int directory;   /* descriptor of the only directory; -1: none */
	uint64_t rights; /* SANDBOX_* in the directory */
	int calls[SANDBOX_CALLS_MAX]; /* more system calls, ended by 0 */
	uint32_t request; /* the only request of ioctl(2); 0: none */
	uint64_t memory;  /* limit of its memory, in bytes; 0: unchanged */
};

/* Gives up everything else for good: new privileges, other files, other
 * programs, the network, other processes. A system call that is not allowed
 * fails with ENOSYS. On a kernel without Landlock or seccomp, the sandbox is as
 * strict as the kernel supports. Under a sanitizer, whose runtime needs other
 * files and system calls, only new privileges are given up. Call it before any
 * thread is started. Returns 0, or -1 with the reason. */
int sandbox_enter(const struct sandbox *sandbox, struct reason *why);

#endif
