#include "paths.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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
paths_existing(struct machine *m, const char *path, int *error)
{
	const char *absolute = machine_path(m, path);
	char *cleaned = machine_take(m, strlen(absolute) + 1);
	struct stat a, b;

	*error = 0;
	memcpy(cleaned, absolute, strlen(absolute));
	clean(cleaned);
	if (stat(absolute, &a) < 0)
		*error = errno;
	else if (stat(cleaned, &b) == 0 && a.st_dev == b.st_dev &&
		 a.st_ino == b.st_ino)
		return cleaned;
	return absolute;
}
