#include "guest.h"

#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_path[] =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* Returns the directory's path without links, which the caller frees. */
static char *
real_directory(const char *name, struct reason *why)
{
	char *path = realpath(name, NULL);
	struct stat st;

	if (path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return path;
	if (path == NULL)
		reason_errno(why, "%s", name);
	else
		reason_set(why, "%s: Not a directory", name);
	free(path);
	return NULL;
}

static int
by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
find_directories(
    struct guest *guest, const struct options *options, struct reason *why)
{
	guest->driver = options->driver;
	guest->root = real_directory(options->root, why);
	if (guest->root == NULL)
		return -1;
	for (size_t i = 0; i < options->bind_count; i++) {
		char *path = real_directory(options->binds[i], why);

		if (path == NULL)
			return -1;
		guest->binds[guest->bind_count++] = path;
	}
	qsort(
	    guest->binds, guest->bind_count, sizeof(guest->binds[0]), by_path);
	return 0;
}

/* Whether the path will be there in the guest. */
static bool
is_there(const struct guest *guest, const char *path)
{
	struct stat st;
	char *below;

	for (size_t i = 0; i < guest->bind_count; i++) {
		size_t len = strlen(guest->binds[i]);

		if (strncmp(path, guest->binds[i], len) == 0 &&
		    (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	if (strcmp(guest->root, "/") == 0)
		return true;
	if (asprintf(&below, "%s%s", guest->root, path) < 0)
		return false;
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
	const struct passwd *user = getpwuid(getuid());
	gid_t groups[NGROUPS_MAX];
	int n = getgroups(NGROUPS_MAX, groups);
	const char *path = getenv("PATH");

	put(f, "uid=%u", getuid());
	put(f, "gid=%u", getgid());
	for (int i = 0; i < n; i++)
		put(f, "group=%u", groups[i]);
	put_env(f, "HOME", getenv("HOME"));
	put_env(f, "USER", user == NULL ? NULL : user->pw_name);
	put_env(f, "LOGNAME", user == NULL ? NULL : user->pw_name);
	put_env(f, "LANG", getenv("LANG"));
	/* The caller's PATH names the host's directories. */
	put_env(f, "PATH", other_root || path == NULL ? default_path : path);
}

static void
put_all(struct guest *guest, const struct options *options, const char *here,
    FILE *f)
{
	put(f, "root=emu-root");
	put(f, "type=%s", options->driver);
	put(f, "directory=%s", is_there(guest, here) ? here : "/");
	put_user(f, strcmp(guest->root, "/") != 0);
	for (size_t i = 0; i < guest->bind_count; i++)
		put(f, "bind=emu-bind%zu:%s", i, guest->binds[i]);
	for (char *const *word = options->argv; *word != NULL; word++)
		put(f, "arg=%s", *word);
}

int
guest_make(
    struct guest *guest, const struct options *options, struct reason *why)
{
	*guest = (struct guest){0};
	if (find_directories(guest, options, why) < 0)
		return -1;
	char *here = getcwd(NULL, 0);
	if (here == NULL)
		return reason_errno(why, "the current directory");
	FILE *f = open_memstream(&guest->config, &guest->config_len);
	if (f != NULL)
		put_all(guest, options, here, f);
	free(here);
	if (f == NULL || fclose(f) != 0)
		return reason_errno(why, "memory");
	return 0;
}

void
guest_free(struct guest *guest)
{
	for (size_t i = 0; i < guest->bind_count; i++)
		free(guest->binds[i]);
	free(guest->root);
	free(guest->config);
	*guest = (struct guest){0};
}
