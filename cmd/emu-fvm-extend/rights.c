#include "rights.h"

#include "sandbox.h"
#include "shift.h"

#include <linux/fs.h>
#include <sys/syscall.h>

int
rights_drop(int directory, struct reason *why)
{
	const struct sandbox sandbox = {
	    .directory = directory,
	    .rights = SANDBOX_CREATE | SANDBOX_REMOVE,
	    .calls = {SYS_fchown, SYS_fchmod, SYS_flistxattr, SYS_fgetxattr,
		SYS_fsetxattr, SYS_fsync, SHIFT_CACHESTAT},
	    .request = FICLONERANGE,
	};

	return sandbox_enter(&sandbox, why);
}
