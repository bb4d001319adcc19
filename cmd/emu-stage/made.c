#include "made.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
add(struct made *made, int dir, const char *path)
{
	struct made_file **list = reallocarray(
	    made->list, made->count + 1, sizeof(struct made_file *));

	if (list == NULL)
		return NULL;
	made->list = list;
	struct made_file *file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	*file = (struct made_file){.fd = -1};
	file->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	file->path = strdup(path);
	if (file->dir < 0 || file->path == NULL) {
		free_file(file);
		return NULL;
	}
	list[made->count++] = file;
	return file;
}

static struct made_file *
add_locked(struct made *made, int dir, const char *path, struct reason *why)
{
	pthread_mutex_lock(&made->lock);
	struct made_file *file = add(made, dir, path);
	pthread_mutex_unlock(&made->lock);
	if (file == NULL)
		reason_errno(why, "memory");
	return file;
}

static bool
exists(int dir, const char *name)
{
	struct stat st;

	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A name for a moment. Returns NULL when memory is short. */
static char *
temporary_name(const struct made_file *file)
{
	char *name;
	int n = asprintf(&name, ".emu-stage-%ld-%d", (long)getpid(), file->fd);

	return n < 0 ? NULL : name;
}

/* The file system knows no O_TMPFILE: the file has a name from the start. */
static int
open_named(struct made *made, struct made_file *file)
{
	int result = -1;
	char *name = NULL;

	pthread_mutex_lock(&made->lock);
	if (!file->replace)
		name = strdup(last_part(file->path));
	else if (asprintf(&name, ".emu-stage-%ld-r", (long)getpid()) < 0)
		name = NULL;
	if (name != NULL)
		file->fd = openat(file->dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file->fd >= 0) {
		file->name = name;
		name = NULL;
		result = 0;
	}
	pthread_mutex_unlock(&made->lock);
	free(name);
	return result;
}

struct made_file *
made_open(struct made *made, int dir, const char *path, bool replace,
    struct reason *why)
{
	struct made_file *file = add_locked(made, dir, path, why);

	if (file == NULL)
		return NULL;
	file->replace = replace;
	if (!replace && exists(dir, last_part(path))) {
		errno = EEXIST;
		reason_errno(why, "%s", path);
		return NULL;
	}
	file->fd = openat(dir, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (file->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR ||
				errno == EINVAL || errno == ENOENT))
		open_named(made, file);
	if (file->fd < 0) {
		reason_errno(why, "%s", path);
		return NULL;
	}
	return file;
}

struct made_file *
made_expect(struct made *made, int dir, const char *path, struct reason *why)
{
	struct made_file *file = NULL;

	if (exists(dir, last_part(path))) {
		errno = EEXIST;
		reason_errno(why, "%s", path);
		return NULL;
	}
	file = add_locked(made, dir, path, why);
	if (file == NULL)
		return NULL;
	pthread_mutex_lock(&made->lock);
	file->name = strdup(last_part(path));
	pthread_mutex_unlock(&made->lock);
	if (file->name == NULL) {
		reason_errno(why, "memory");
		return NULL;
	}
	return file;
}

struct made_file *
made_link(struct made *made, int dir, const char *path, const char *source,
    struct reason *why)
{
	struct made_file *file = add_locked(made, dir, path, why);
	char *name = file == NULL ? NULL : strdup(last_part(path));

	if (name == NULL)
		return NULL;
	pthread_mutex_lock(&made->lock);
	int r = linkat(AT_FDCWD, source, dir, name, AT_SYMLINK_FOLLOW);
	if (r < 0 && (errno == EXDEV || errno == EPERM || errno == EMLINK))
		r = symlinkat(source, dir, name);
	if (r == 0)
		file->name = name;
	pthread_mutex_unlock(&made->lock);
	if (r == 0)
		return file;
	reason_errno(why, "%s", path);
	free(name);
	return NULL;
}

/* Names an O_TMPFILE file. The lock is held. */
static int
give_name(struct made_file *file)
{
	char self[32];
	char *name = file->replace ? temporary_name(file)
				   : strdup(last_part(file->path));

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

static int
commit(struct made_file *file)
{
	if (file->fd < 0 || file->done)
		return 0;
	if (file->name == NULL && give_name(file) < 0)
		return -1;
	if (!file->replace)
		return 0;
	if (renameat(file->dir, file->name, file->dir, last_part(file->path)) <
	    0)
		return -1;
	/* It cannot be taken back. */
	free(file->name);
	file->name = NULL;
	file->done = true;
	return fsync(file->dir) < 0 && errno != EINVAL ? -1 : 0;
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
	made->list = NULL;
	made->count = 0;
}
