#include "confinement.h"

#include "sandbox.h"

#include <linux/fs.h>
#include <sys/syscall.h>

int
confinement_enter(int directory, struct reason *why)
{
	const struct sandbox sandbox = {
	    .directory = directory,
	    .rights = SANDBOX_CREATE | SANDBOX_REMOVE,
	    .calls = {SYS_fchown, SYS_fchmod, SYS_flistxattr, SYS_fgetxattr,
		SYS_fsetxattr, SYS_fsync},
	    .request = FICLONERANGE,
	};

	return sandbox_enter(&sandbox, why);
}
