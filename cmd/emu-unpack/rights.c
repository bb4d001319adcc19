#include "rights.h"

#include "sandbox.h"

#include <sys/syscall.h>

int
rights_drop(int dir, struct reason *why)
{
	const struct sandbox sandbox = {
	    .directory = dir,
	    .rights = SANDBOX_READ | SANDBOX_WRITE | SANDBOX_TRUNCATE |
		      SANDBOX_CREATE | SANDBOX_REMOVE,
	    .calls = {SYS_openat, SYS_fstatfs, SYS_geteuid,
		SYS_rt_sigtimedwait},
	};

	return sandbox_enter(&sandbox, why);
}
