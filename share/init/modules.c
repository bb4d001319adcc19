#include "modules.h"

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
load(const char *name)
{
	char path[300];
	int result = -1;

	snprintf(path, sizeof(path), "%s/%s", CONFIG_MODULES, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		result = (int)syscall(SYS_finit_module, fd, "", 0);
		int error = errno;
		close(fd);
		errno = error;
	}
	if (result == 0 || errno == EEXIST)
		return 0;
	fprintf(stderr, "emu-init: %s: %s\n", name, strerror(errno));
	return 1;
}

static int
is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int
modules_load(void)
{
	struct dirent **list;
	int n = scandir(CONFIG_MODULES, &list, is_module, alphasort);
	int failed = 0;

	for (int i = 0; i < n; i++) {
		failed += load(list[i]->d_name);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return failed;
}
