#include "mount_id.h"

#include <fcntl.h>

/* musl has no statx(2), and from 1.2.5 on one without stx_mnt_id. */
#ifdef __GLIBC__
#include <sys/stat.h>
#else
#include <linux/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#define statx(...) syscall(SYS_statx, __VA_ARGS__)
#endif

int
mount_id(int at, const char *name, uint64_t *id)
{
	struct statx st;

	if (statx(at, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_MNT_ID,
		&st) < 0)
		return -1;
	*id = st.stx_mnt_id;
	return 0;
}
