#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static void
free_file(struct made_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	if (file->dir >= 0)
		close(file->dir);
	free(file->path);
	free(file->name);
	free(file);
}

/* Adds a file to the list. The lock is held. */
static struct made_file *
add(struct made *made, int dir)
{
	/* Room is doubled: at every power of two. */
	if ((made->count & (made->count - 1)) == 0) {
		struct made_file **list = reallocarray(made->list,
		    made->count > 0 ? 2 * made->count : 1, sizeof(*list));

		if (list == NULL)
			return NULL;
		made->list = list;
	}
	struct made_file *file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	*file = (struct made_file){.fd = -1};
	file->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (file->dir < 0) {
		free_file(file);
		return NULL;
	}
	made->list[made->count++] = file;
	return file;
}

static struct made_file *
add_locked(struct made *made, int dir, const char *path, struct reason *why)
{
	pthread_mutex_lock(&made->lock);
	struct made_file *file = add(made, dir);
	if (file != NULL && path != NULL) {
		file->path = strdup(path);
		if (file->path == NULL)
			file = NULL;
	}
	pthread_mutex_unlock(&made->lock);
	if (file == NULL)
		reason_errno(why, "%s", path == NULL ? "new file" : path);
	return file;
}

static int
check_free(int dir, const char *path, struct reason *why)
{
	struct stat st;

	if (fstatat(dir, last_part(path), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	errno = EEXIST;
	return reason_errno(why, "%s", path);
}

/* The file system knows no O_TMPFILE: the file has a name from the start. */
static void
open_named(struct made *made, struct made_file *file)
{
	char *name;

	pthread_mutex_lock(&made->lock);
	if (asprintf(&name, ".emu-%ld-%d", (long)getpid(), file->dir) >= 0) {
		file->fd = openat(file->dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (file->fd >= 0)
			file->name = name;
		else
			free(name);
	}
	pthread_mutex_unlock(&made->lock);
}

struct made_file *
made_open(struct made *made, int dir, const char *path, bool replace,
    struct reason *why)
{
	if (path != NULL && !replace && check_free(dir, path, why) < 0)
		return NULL;
	struct made_file *file = add_locked(made, dir, path, why);
	if (file == NULL)
		return NULL;
	file->replace = replace;
	file->fd = openat(dir, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (file->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR ||
				errno == EINVAL || errno == ENOENT))
		open_named(made, file);
	if (file->fd < 0) {
		reason_errno(why, "%s", path == NULL ? "new file" : path);
		return NULL;
	}
	return file;
}

int
made_name(struct made *made, struct made_file *file, const char *path,
    struct reason *why)
{
	if (check_free(file->dir, path, why) < 0)
		return -1;
	pthread_mutex_lock(&made->lock);
	file->path = strdup(path);
	pthread_mutex_unlock(&made->lock);
	return file->path == NULL ? reason_errno(why, "%s", path) : 0;
}

void
made_drop(struct made *made, struct made_file *file)
{
	pthread_mutex_lock(&made->lock);
	if (file->name != NULL)
		unlinkat(file->dir, file->name, 0);
	free(file->name);
	file->name = NULL;
	close(file->fd);
	file->fd = -1;
	pthread_mutex_unlock(&made->lock);
}

struct made_file *
made_expect(struct made *made, int dir, const char *path, struct reason *why)
{
	if (check_free(dir, path, why) < 0)
		return NULL;
	struct made_file *file = add_locked(made, dir, path, why);
	if (file == NULL)
		return NULL;
	pthread_mutex_lock(&made->lock);
	file->name = strdup(last_part(path));
	pthread_mutex_unlock(&made->lock);
	if (file->name != NULL)
		return file;
	reason_errno(why, "%s", path);
	return NULL;
}

struct made_file *
made_link(struct made *made, int dir, const char *path, const char *source,
    struct reason *why)
{
	struct made_file *file = add_locked(made, dir, path, why);

	if (file == NULL)
		return NULL;
	pthread_mutex_lock(&made->lock);
	char *name = strdup(last_part(path));
	int r = name == NULL
		    ? -1
		    : linkat(AT_FDCWD, source, dir, name, AT_SYMLINK_FOLLOW);
	if (name != NULL && r < 0 &&
	    (errno == EXDEV || errno == EPERM || errno == EMLINK))
		r = symlinkat(source, dir, name);
	if (r == 0)
		file->name = name;
	else
		reason_errno(why, "%s", path);
	pthread_mutex_unlock(&made->lock);
	if (r == 0)
		return file;
	free(name);
	return NULL;
}

/* Names an O_TMPFILE file. The lock is held. */
static int
give_name(struct made_file *file)
{
	char self[32];
	char *name;

	if (!file->replace)
		name = strdup(last_part(file->path));
	else if (asprintf(&name, ".emu-%ld-%d", (long)getpid(), file->fd) < 0)
		name = NULL;
	if (name == NULL)
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", file->fd);
	if (linkat(AT_FDCWD, self, file->dir, name, AT_SYMLINK_FOLLOW) < 0) {
		free(name);
		return -1;
	}
	file->name = name;
	return 0;
}

/* Moves a file from its temporary name to its own. The lock is held. */
static int
move(struct made_file *file)
{
	const char *name = last_part(file->path);

	if (!file->replace &&
	    check_free(file->dir, file->path, &(struct reason){""}) < 0)
		return -1;
	if (renameat(file->dir, file->name, file->dir, name) < 0)
		return -1;
	free(file->name);
	/* What replaced a file cannot be taken back. */
	file->name = file->replace ? NULL : strdup(name);
	return 0;
}

static int
commit(struct made_file *file)
{
	if (file->fd < 0 || file->done || file->path == NULL)
		return 0;
	bool unnamed = file->name == NULL;
	if (unnamed && give_name(file) < 0)
		return -1;
	if ((!unnamed || file->replace) && move(file) < 0)
		return -1;
	file->done = true;
	if (file->replace && fsync(file->dir) < 0 && errno != EINVAL)
		return -1;
	return 0;
}

int
made_commit(struct made *made, struct reason *why)
{
	int result = 0;

	pthread_mutex_lock(&made->lock);
	for (int replace = 0; replace <= 1; replace++) {
		for (size_t i = 0; i < made->count && result == 0; i++) {
			struct made_file *file = made->list[i];

			if (file->replace == replace && commit(file) < 0)
				result = reason_errno(why, "%s", file->path);
		}
	}
	pthread_mutex_unlock(&made->lock);
	return result;
}

void
made_keep(struct made *made)
{
	pthread_mutex_lock(&made->lock);
}

void
made_abandon(struct made *made)
{
	pthread_mutex_lock(&made->lock);
	for (size_t i = 0; i < made->child_count; i++) {
		kill(made->children[i], SIGKILL);
		while (
		    waitpid(made->children[i], NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	for (size_t i = 0; i < made->count; i++) {
		if (made->list[i]->name != NULL)
			unlinkat(made->list[i]->dir, made->list[i]->name, 0);
	}
}

void
made_free(struct made *made)
{
	for (size_t i = 0; i < made->count; i++)
		free_file(made->list[i]);
	free(made->list);
	free(made->children);
	*made = (struct made){.lock = PTHREAD_MUTEX_INITIALIZER};
}
