#include "share_file.h"

#include "path.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where data files might be, seen from the directory of the running program:
 * installed; in the tree, or made by make in it. */
static const char *const beside[] = {
    "../share/emu", "../share", "../../share", "."};

static char *
in_directory(const char *directory, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", directory, name) < 0 ? NULL : path;
}

static char *
beside_program(const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *found = NULL;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	char *here = path_directory(self);
	for (size_t i = 0; here != NULL && found == NULL &&
			   i < sizeof(beside) / sizeof(beside[0]);
	     i++) {
		char *share = path_absolute(here, beside[i]);

		found = share == NULL ? NULL : in_directory(share, name);
		free(share);
		if (found != NULL && access(found, F_OK) < 0) {
			free(found);
			found = NULL;
		}
	}
	free(here);
	return found;
}

char *
share_file(const char *name)
{
	const char *share = getenv("EMU_SHARE");

	if (share != NULL && share[0] != '\0')
		return in_directory(share, name);
	char *path = beside_program(name);
	return path != NULL ? path : in_directory(DATADIR, name);
}
