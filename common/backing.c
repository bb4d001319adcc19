#include "backing.h"

#include "disk_file.h"
#include "path.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the image is. The path of one without a name yet is a link of
 * /proc/self/fd, whose text still names the directory. NULL with errno. */
static char *
real_path(const char *path)
{
	char *real = realpath(path, NULL);
	char text[PATH_MAX];

	if (real != NULL || errno != ENOENT)
		return real;
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	return n < 0 ? NULL : strndup(text, (size_t)n);
}

/* The file that the name in the image means to QEMU: relative to the image
 * itself. The first image is opened by its real path, but those behind it by
 * what is written, links and all. Owned by the caller; NULL with the reason. */
static char *
resolve(const struct disk_file *file, bool is_first, struct reason *why)
{
	const char *name = file->next;
	char *place = NULL, *directory = NULL, *path = NULL;
	size_t word = strcspn(name, ":/");

	if (name[word] == ':') {
		reason_set(why,
		    "%s: its backing file %s is not a plain file, and is not "
		    "followed",
		    file->name, name);
		return NULL;
	}
	place = is_first ? real_path(file->path) : strdup(file->path);
	if (place != NULL)
		directory = path_directory(place);
	if (directory != NULL)
		path = path_absolute(directory, name);
	if (path == NULL)
		reason_errno(why, "%s", file->name);
	free(place);
	free(directory);
	return path;
}

/* Which of the named files the path is. Returns its index, or -1 with the
 * reason. */
static int
find(const struct disk_file *file, const char *path, const char *const *named,
    size_t count, struct reason *why)
{
	struct stat want, st;

	if (stat(path, &want) < 0)
		return reason_errno(why, "%s: its backing file %s: %s",
		    file->name, file->next, path);
	for (size_t i = 0; i < count; i++) {
		if (stat(named[i], &st) == 0 && st.st_dev == want.st_dev &&
		    st.st_ino == want.st_ino)
			return (int)i;
	}
	return reason_set(why,
	    "%s: its backing file %s was not named: name it too, as an "
	    "operand or as \"backing\": \"%s\"",
	    file->name, file->next, path);
}

/* Looks at the image and those behind it. */
static int
follow(struct disk_file *file, bool is_first, const char *const *named,
    size_t count, bool *used, struct reason *why)
{
	if (disk_file_look(file, why) < 0)
		return -1;
	if (file->next[0] == '\0')
		return 0;
	char *path = resolve(file, is_first, why);
	int found = path == NULL ? -1 : find(file, path, named, count, why);
	if (found >= 0 && used[found])
		found =
		    reason_set(why, "%s: is its own backing file", file->name);
	if (found >= 0) {
		struct disk_file next = {.path = path, .name = named[found]};

		used[found] = true;
		if (file->next_format[0] != '\0')
			next.format = file->next_format;
		found = follow(&next, false, named, count, used, why);
	}
	free(path);
	return found;
}

int
backing_check(const char *path, const char *name, const char *format,
    const char *const *named, size_t count, bool *used, struct reason *why)
{
	struct disk_file file = {.path = path, .name = name, .format = format};

	return follow(&file, true, named, count, used, why);
}
