#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A sanitizer's runtime opens and calls more than the program does. */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
#else
enum { SANITIZED = 0 };
#endif

/* From <linux/landlock.h>, whose older versions lack the later parts. */
enum {
	RULE_PATH_BENEATH = 1,
	CREATE_RULESET_VERSION = 1,
};
static const uint64_t fs_write_file = 1 << 1, fs_read_file = 1 << 2,
		      fs_remove_file = 1 << 5, fs_make_reg = 1 << 8,
		      fs_truncate = 1 << 14;

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
landlock(int dir)
{
	long abi = syscall(
	    SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
	size_t size;

	if (abi < 1)
		return 0;
	struct ruleset all = everything(abi, &size);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (ruleset < 0)
		return -1;
	struct path_beneath rule = {
	    .allowed = (fs_write_file | fs_read_file | fs_remove_file |
			   fs_make_reg | fs_truncate) &
		       all.handled_fs,
	    .fd = dir,
	};
	long r = syscall(
	    SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
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
#define ALLOW(name) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), \
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* Other calls do not exist. */
static int
filter_calls(void)
{
	static const struct sock_filter filter[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		(uint32_t)offsetof(struct seccomp_data, arch)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		(uint32_t)offsetof(struct seccomp_data, nr)),
	    ALLOW(read),
	    ALLOW(write),
	    ALLOW(pread64),
	    ALLOW(pwrite64),
	    ALLOW(readv),
	    ALLOW(writev),
	    ALLOW(lseek),
	    ALLOW(futex),
	    ALLOW(mmap),
	    ALLOW(munmap),
	    ALLOW(mremap),
	    ALLOW(mprotect),
	    ALLOW(madvise),
	    ALLOW(brk),
	    ALLOW(openat),
	    ALLOW(close),
	    ALLOW(fstat),
	    ALLOW(newfstatat),
	    ALLOW(statfs),
	    ALLOW(fstatfs),
	    ALLOW(ftruncate),
	    ALLOW(fallocate),
	    ALLOW(fcntl),
	    ALLOW(linkat),
	    ALLOW(unlinkat),
#ifdef SYS_renameat
	    ALLOW(renameat),
#endif
#ifdef SYS_renameat2
	    ALLOW(renameat2),
#endif
	    ALLOW(clone),
#ifdef SYS_clone3
	    ALLOW(clone3),
#endif
	    ALLOW(set_robust_list),
#ifdef SYS_rseq
	    ALLOW(rseq),
#endif
	    ALLOW(sched_getaffinity),
	    ALLOW(sched_yield),
	    ALLOW(getpid),
	    ALLOW(gettid),
	    ALLOW(geteuid),
	    ALLOW(tgkill),
	    ALLOW(rt_sigaction),
	    ALLOW(rt_sigprocmask),
	    ALLOW(rt_sigreturn),
	    ALLOW(rt_sigtimedwait),
	    ALLOW(sigaltstack),
	    ALLOW(clock_gettime),
	    ALLOW(getrandom),
	    ALLOW(restart_syscall),
	    ALLOW(exit),
	    ALLOW(exit_group),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_filter copy[sizeof(filter) / sizeof(*filter)];
	struct sock_fprog program = {
	    .len = sizeof(filter) / sizeof(*filter), .filter = copy};

	for (size_t i = 0; i < program.len; i++)
		copy[i] = filter[i];
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
#else
static int
filter_calls(void)
{
	return 0;
}
#endif

int
sandbox_enter(int dir, struct reason *why)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return reason_errno(why, "sandbox");
	if (SANITIZED)
		return 0;
	if (landlock(dir) < 0)
		return reason_errno(why, "sandbox");
	/* A kernel without seccomp filters. */
	if (filter_calls() < 0 && errno != EINVAL && errno != ENOSYS)
		return reason_errno(why, "sandbox");
	return 0;
}
