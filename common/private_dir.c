#include "private_dir.h"

#include "path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int
check(int fd, const char *name, struct reason *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return reason_errno(why, "%s", name);
	if (st.st_uid != geteuid())
		return reason_set(why, "%s: belongs to another user", name);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return reason_set(
		    why, "%s: others can write there (chmod go-w)", name);
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		return reason_errno(why, "%s", name);
	return 0;
}

int
private_dir_open(const char *name, char **path, struct reason *why)
{
	*path = NULL;
	if (name == NULL || name[0] == '\0')
		return reason_set(why,
		    "no directory for the images: -d dir, $EMU_SCRATCH or "
		    "emu-scratch(1) gives one");
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return reason_errno(why, "%s", name);
	if (check(fd, name, why) < 0) {
		close(fd);
		return -1;
	}
	*path = path_absolute(NULL, name);
	if (*path == NULL) {
		reason_errno(why, "%s", name);
		close(fd);
		return -1;
	}
	return fd;
}
