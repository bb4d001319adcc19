#include "config.h"

#include "../fatal.h"
#include "../memory.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Whether the path will be there in the guest. */
static bool
is_there(const struct options *options, const char *path)
{
	struct stat st;

	for (size_t i = 0; i < options->bind_count; i++) {
		size_t len = strlen(options->binds[i]);

		if (strncmp(path, options->binds[i], len) == 0 &&
		    (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	if (strcmp(options->root, "/") == 0)
		return true;
	char *below = memory_format("%s%s", options->root, path);
	bool there = stat(below, &st) == 0 && S_ISDIR(st.st_mode);
	free(below);
	return there;
}

static void __attribute__((format(printf, 2, 3)))
put(FILE *f, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vfprintf(f, format, list);
	va_end(list);
	fputc('\0', f);
}

static void
put_env(FILE *f, const char *name, const char *value)
{
	if (value != NULL)
		put(f, "env=%s=%s", name, value);
}

static void
put_user(FILE *f, bool other_root)
{
	gid_t groups[NGROUPS_MAX];
	int n = getgroups(NGROUPS_MAX, groups);
	const char *path = getenv("PATH");

	put(f, "uid=%u", getuid());
	put(f, "gid=%u", getgid());
	for (int i = 0; i < n; i++)
		put(f, "group=%u", groups[i]);
	put_env(f, "HOME", getenv("HOME"));
	put_env(f, "USER", getenv("USER"));
	put_env(f, "LOGNAME", getenv("LOGNAME"));
	put_env(f, "LANG", getenv("LANG"));
	/* The caller's PATH names the host's directories. */
	put_env(f, "PATH", other_root || path == NULL ? default_path : path);
}

char *
config_make(const struct options *options, size_t *len)
{
	char *config, *here = getcwd(NULL, 0);

	if (here == NULL)
		fatal_errno("the current directory");
	FILE *f = memory_got(open_memstream(&config, len));
	put(f, "root=emu-root");
	put(f, "type=%s", options->driver);
	put(f, "directory=%s", is_there(options, here) ? here : "/");
	put_user(f, strcmp(options->root, "/") != 0);
	for (size_t i = 0; i < options->bind_count; i++)
		put(f, "bind=emu-bind%zu:%s", i, options->binds[i]);
	for (char *const *word = options->argv; *word != NULL; word++)
		put(f, "arg=%s", *word);
	if (fclose(f) != 0)
		fatal_memory();
	free(here);
	return config;
}
