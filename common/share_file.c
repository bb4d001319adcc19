#include "share_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where data files might be, seen from the directory of the running program:
 * installed; in the tree, or made by make in it. */
static const char *const beside[] = {
    "../share/emu", "../share", "../../share", "."};

char *
share_file(const char *name)
{
	const char *share = getenv("EMU_SHARE");
	bool own = share != NULL && share[0] != '\0';
	char self[PATH_MAX] = "", *path;

	bool seen =
	    !own && readlink("/proc/self/exe", self, sizeof(self) - 1) > 0;
	if (seen)
		*strrchr(self, '/') = '\0';
	for (size_t i = 0; seen && i < sizeof(beside) / sizeof(beside[0]);
	     i++) {
		if (asprintf(&path, "%s/%s/%s", self, beside[i], name) < 0)
			return NULL;
		if (access(path, F_OK) == 0)
			return path;
		free(path);
	}
	share = own ? share : DATADIR;
	return asprintf(&path, "%s/%s", share, name) < 0 ? NULL : path;
}
