#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *
path_absolute(const char *base, const char *path)
{
	char *cwd = NULL, *joined = NULL;

	if (path[0] == '/')
		return strdup(path);
	if (base == NULL) {
		cwd = getcwd(NULL, 0);
		if (cwd == NULL)
			return NULL;
		base = cwd;
	} else if (base[0] != '/') {
		cwd = path_absolute(NULL, base);
		if (cwd == NULL)
			return NULL;
		base = cwd;
	}
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	const char *slash = base[strlen(base) - 1] == '/' ? "" : "/";
	if (asprintf(&joined, "%s%s%s", base, slash, path) < 0)
		joined = NULL;
	free(cwd);
	return joined;
}

char *
path_directory(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return strdup(".");
	while (slash > path && slash[-1] == '/')
		slash--;
	return strndup(path, slash == path ? 1 : (size_t)(slash - path));
}

int
path_open_parent(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *directory = path_directory(path);
	int fd = directory == NULL
		     ? -1
		     : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(directory);
	*name = slash == NULL ? path : slash + 1;
	return fd;
}
