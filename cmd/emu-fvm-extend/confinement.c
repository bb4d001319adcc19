#include "confinement.h"

#include "../fatal.h"
#include "sandbox.h"

#include <linux/fs.h>
#include <sys/syscall.h>

void
confinement_enter(int directory)
{
	const struct sandbox sandbox = {
	    .directory = directory,
	    .rights = SANDBOX_CREATE | SANDBOX_REMOVE,
	    .calls = {SYS_fchown, SYS_fchmod, SYS_flistxattr, SYS_fgetxattr,
		SYS_fsetxattr, SYS_fsync},
	    .request = FICLONERANGE,
	};
	struct reason why;

	fatal_if(sandbox_enter(&sandbox, &why) < 0, &why);
}
