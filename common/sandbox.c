#include "sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* From <linux/landlock.h>, whose older versions lack the later parts. */
enum {
	RULE_PATH_BENEATH = 1,
	CREATE_RULESET_VERSION = 1,
};

struct ruleset {
	uint64_t handled_fs;
	uint64_t handled_net; /* ABI 4 */
	uint64_t scoped;      /* ABI 6 */
};

struct path_beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* The rights that each ABI knows, all of which are refused unless allowed. */
static struct ruleset
everything(long abi, size_t *size)
{
	static const int fs_bits[] = {0, 13, 14, 15, 15, 16};
	struct ruleset all = {0};
	int bits = fs_bits[abi < 5 ? abi : 5];

	all.handled_fs = (UINT64_C(1) << bits) - 1;
	*size = sizeof(all.handled_fs);
	if (abi >= 4) {
		all.handled_net = 3;
		*size = offsetof(struct ruleset, scoped);
	}
	if (abi >= 6) {
		all.scoped = 3;
		*size = sizeof(all);
	}
	return all;
}

static int
restrict_files(const struct sandbox *sandbox)
{
	long abi = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	size_t size;
	long r = 0;

	if (abi < 1)
		return 0;
	struct ruleset all = everything(abi, &size);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (ruleset < 0)
		return -1;
	struct path_beneath rule = {
	    .allowed = sandbox->rights & all.handled_fs,
	    .fd = sandbox->directory,
	};
	if (rule.fd >= 0)
		r = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH,
		    &rule, 0);
	if (r == 0)
		r = syscall(SYS_landlock_restrict_self, ruleset, 0);
	close(ruleset);
	return (int)r;
}

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCHITECTURE AUDIT_ARCH_RISCV64
#endif

#ifdef ARCHITECTURE
/* clang-format off */
static const int basic_calls[] = {
	/* Open files. */
	SYS_read, SYS_write, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek,
	SYS_fallocate, SYS_ftruncate, SYS_fcntl, SYS_flock, SYS_close,
	SYS_ppoll,
#ifdef SYS_poll
	SYS_poll,
#endif
	/* Names, as far as Landlock lets them be given and taken. */
	SYS_fstat, SYS_newfstatat, SYS_linkat, SYS_unlinkat, SYS_renameat2,
#ifdef SYS_renameat
	SYS_renameat,
#endif
	/* Memory. */
	SYS_brk, SYS_mmap, SYS_mprotect, SYS_mremap, SYS_munmap, SYS_madvise,
	/* Threads. */
	SYS_clone, SYS_clone3, SYS_futex, SYS_rseq, SYS_set_robust_list,
	SYS_sched_getaffinity, SYS_getpid, SYS_gettid,
	/* Signals, the time, chance, the end. */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_tgkill,
	SYS_clock_gettime, SYS_restart_syscall, SYS_getrandom, SYS_exit,
	SYS_exit_group,
};
/* clang-format on */

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define FIELD(name) \
	((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, \
	    (uint32_t)offsetof(struct seccomp_data, name)))
/* Goes on if it is the value, else over so many instructions. */
#define UNLESS(value, skip) \
	((struct sock_filter)BPF_JUMP( \
	    BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, skip))
#define RETURN(what) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what))

enum { FILTER_MAX = 9 + 2 * (COUNT(basic_calls) + SANDBOX_CALLS_MAX) };

static void
append(struct sock_fprog *program, struct sock_filter instruction)
{
	program->filter[program->len++] = instruction;
}

static void
allow(struct sock_fprog *program, int call)
{
	append(program, UNLESS(call, 1));
	append(program, RETURN(SECCOMP_RET_ALLOW));
}

static int
restrict_calls(const struct sandbox *sandbox)
{
	struct sock_filter filter[FILTER_MAX] = {
	    FIELD(arch),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	    RETURN(SECCOMP_RET_KILL_PROCESS),
	    FIELD(nr),
	};
	const struct sock_filter request[] = {
	    UNLESS(SYS_ioctl, 3),
	    FIELD(args[1]),
	    UNLESS(sandbox->request, 1),
	    RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = 4, .filter = filter};

	for (size_t i = 0; i < COUNT(basic_calls); i++)
		allow(&program, basic_calls[i]);
	for (size_t i = 0; i < SANDBOX_CALLS_MAX && sandbox->calls[i] > 0; i++)
		allow(&program, sandbox->calls[i]);
	for (size_t i = 0; sandbox->request != 0 && i < COUNT(request); i++)
		append(&program, request[i]);
	append(&program, RETURN(SECCOMP_RET_ERRNO | ENOSYS));
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static int
restrict_calls(const struct sandbox *sandbox)
{
	(void)sandbox;
	return 0;
}
#endif

static int
restrict_memory(const struct sandbox *sandbox)
{
	struct rlimit limit;

	if (sandbox->memory == 0)
		return 0;
	if (getrlimit(RLIMIT_DATA, &limit) < 0)
		return -1;
	if (limit.rlim_max > sandbox->memory)
		limit.rlim_max = sandbox->memory;
	if (limit.rlim_cur > limit.rlim_max)
		limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_DATA, &limit);
}

int
sandbox_enter(const struct sandbox *sandbox, struct reason *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return reason_errno(why, "sandbox");
	if (SANITIZED)
		return 0;
	if (restrict_memory(sandbox) < 0 || restrict_files(sandbox) < 0)
		return reason_errno(why, "sandbox");
	/* A kernel without seccomp filters. */
	if (restrict_calls(sandbox) < 0 && errno != EINVAL && errno != ENOSYS)
		return reason_errno(why, "sandbox");
	return 0;
}
