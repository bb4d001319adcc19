#include "own_path.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LINKS = 40 }; /* as many as the kernel follows */

/* Such a link of /proc stands for an open file, which may have no name. */
static bool
is_in_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

static int
read_link(int fd, char **path)
{
	char text[PATH_MAX], *directory = path_directory(*path), *next = NULL;
	ssize_t len = readlinkat(fd, "", text, sizeof(text));

	if (len == sizeof(text)) {
		errno = ENAMETOOLONG;
	} else if (len >= 0 && directory != NULL) {
		text[len] = '\0';
		next = path_absolute(directory, text);
	}
	free(directory);
	free(*path);
	*path = next;
	return next == NULL ? -1 : 0;
}

/* Looks at what is open as fd and has the target's path. Returns 1 if it was a
 * link, which the path is then behind, 0, or -1 with errno. */
static int
look(struct own_path *target, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	if (S_ISLNK(st.st_mode) && (st.st_uid == geteuid() || st.st_uid == 0)) {
		bool in_proc = is_in_proc(fd);

		if (in_proc && stat(target->path, &st) < 0)
			return -1;
		errno = ENOENT;
		if (in_proc && S_ISREG(st.st_mode) && st.st_nlink == 0)
			return -1;
		if (!in_proc || S_ISREG(st.st_mode))
			return read_link(fd, &target->path) < 0 ? -1 : 1;
		target->follow = 0;
	}
	target->type = st.st_mode & S_IFMT;
	return 0;
}

int
own_path_find(struct own_path *target, const char *path)
{
	int result = 1;

	*target = (struct own_path){.path = strdup(path), .follow = O_NOFOLLOW};
	if (target->path == NULL)
		return -1;
	/* A link is looked at and read through one descriptor, so that nothing
	 * can take its place in between. */
	for (int links = 0; result > 0; links++) {
		int fd = open(target->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			return errno == ENOENT ? 0 : -1;
		errno = ELOOP;
		result = links < LINKS ? look(target, fd) : -1;
		int error = errno;
		close(fd);
		errno = error;
	}
	return result;
}
