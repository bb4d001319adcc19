#include "member_path.h"

#include "../memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_part(const char *part, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(part, text, len) == 0;
}

/* Copies the parts of name behind what is at out, which ends at *len. With
 * `up`, ".." takes a part away. Returns -1 when there is none to take. */
static int
append_parts(char *out, size_t *len, const char *name, bool up)
{
	while (*name != '\0') {
		size_t n = strcspn(name, "/");

		if (up && is_part(name, n, "..")) {
			if (*len == 0)
				return -1;
			while (*len > 0 && out[--*len] != '/')
				continue;
		} else if (n > 0 && !is_part(name, n, ".")) {
			if (*len > 0)
				out[(*len)++] = '/';
			memcpy(out + *len, name, n);
			*len += n;
		}
		name += n;
		name += *name == '/';
	}
	out[*len] = '\0';
	return 0;
}

char *
member_path(const char *name)
{
	char *path = memory_got(malloc(strlen(name) + 2));
	size_t len = 0;

	append_parts(path, &len, name, false);
	return path;
}

char *
member_path_link(const char *path, const char *target)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (target[0] == '/')
		return NULL;
	char *out = memory_got(malloc(strlen(path) + strlen(target) + 2));
	memcpy(out, path, len);
	if (append_parts(out, &len, target, true) == 0 && len > 0)
		return out;
	free(out);
	return NULL;
}
