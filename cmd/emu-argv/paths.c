#include "paths.h"

#include "../fatal.h"
#include "path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *
paths_absolute(struct arena *arena, const char *path)
{
	char *absolute = path_absolute(NULL, path);

	if (absolute == NULL)
		fatal_memory();
	const char *kept = arena_text(arena, "%s", absolute);
	free(absolute);
	return kept;
}

/* Removes "//", "/./" and "/../" and a last slash from an absolute path, in
 * place, by the letters alone. */
static void
clean(char *path)
{
	char *out = path, *p = path;

	while (*p != '\0') {
		size_t len = strcspn(p + 1, "/");

		if (len == 0 || (len == 1 && p[1] == '.')) {
			;
		} else if (len == 2 && p[1] == '.' && p[2] == '.') {
			while (out > path && *--out != '/')
				;
		} else {
			memmove(out, p, len + 1);
			out += len + 1;
		}
		p += len + 1;
	}
	*out = '\0';
}

const char *
paths_existing(struct arena *arena, const char *path, int *error)
{
	const char *absolute = paths_absolute(arena, path);
	char *copy = path_absolute(NULL, path);
	struct stat a, b;

	*error = 0;
	if (copy == NULL)
		fatal_memory();
	clean(copy);
	if (stat(absolute, &a) < 0)
		*error = errno;
	else if (stat(copy, &b) == 0 && a.st_dev == b.st_dev &&
		 a.st_ino == b.st_ino)
		absolute = arena_text(arena, "%s", copy);
	free(copy);
	return absolute;
}
