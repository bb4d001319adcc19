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
	char *top, *joined = NULL;

	if (path[0] == '/')
		return strdup(path);
	top = base == NULL ? getcwd(NULL, 0) : path_absolute(NULL, base);
	if (top == NULL)
		return NULL;
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	const char *slash = top[strlen(top) - 1] == '/' ? "" : "/";
	if (asprintf(&joined, "%s%s%s", top, slash, path) < 0)
		joined = NULL;
	free(top);
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
