#include "new_files.h"

#include "fatal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

/* As memory_grow, of pointers, but returns NULL when memory is short, and the
 * list is as it was then: the end of the program needs the lock. */
static void *
grow(void *list, size_t count)
{
	if (list != NULL && (count & (count - 1)) != 0)
		return list;
	return reallocarray(
	    list, count > 0 ? 2 * count : 1, sizeof(struct new_file *));
}

static int
check_free(int dir, const char *path)
{
	struct stat st;

	if (fstatat(dir, last_part(path), &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	errno = EEXIST;
	return -1;
}

/* Gives the lock back. When there was a failure, ends the program with errno.
 */
static void
leave(struct new_files *files, bool failed, const char *path)
{
	pthread_mutex_unlock(&files->lock);
	if (failed)
		fatal_errno(path == NULL ? "new file" : path);
}

/* Takes the lock and adds a file that is not open yet. */
static struct new_file *
enter(struct new_files *files, int dir, const char *path, bool must_be_free)
{
	struct new_file *file = calloc(1, sizeof(*file));
	char *copy = strdup(path);

	pthread_mutex_lock(&files->lock);
	struct new_file **list = grow(files->list, files->count);
	if (list != NULL)
		files->list = list;
	if (list == NULL || file == NULL || copy == NULL ||
	    (must_be_free && check_free(dir, path) < 0)) {
		pthread_mutex_unlock(&files->lock);
		fatal_errno(path);
	}
	*file =
	    (struct new_file){.whole = {.fd = -1, .dir = dir}, .path = copy};
	files->list[files->count++] = file;
	return file;
}

static void
remove_name(const struct new_file *file)
{
	const struct whole_file *whole = &file->whole;

	if (file->there)
		unlinkat(whole->dir, last_part(file->path), 0);
	else if (whole->temporary[0] != '\0')
		unlinkat(whole->dir, whole->temporary, 0);
}

/* Descriptors stay open: other threads still write to them. */
void
new_files_abandon(void *context)
{
	struct new_files *files = context;

	pthread_mutex_lock(&files->lock);
	for (size_t i = 0; i < files->child_count; i++)
		child_end(files->children[i]);
	for (size_t i = 0; i < files->count; i++)
		remove_name(files->list[i]);
}

/* The signals to wait for: those that would end the process. */
static void
ending_signals(sigset_t *set)
{
	static const int signals[] = {
	    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU};

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct sigaction old;

		if (sigaction(signals[i], NULL, &old) == 0 &&
		    old.sa_handler != SIG_IGN)
			sigaddset(set, signals[i]);
	}
}

static void *
await_signal(void *files)
{
	struct sigaction standard = {.sa_handler = SIG_DFL};
	sigset_t set;
	int number;

	ending_signals(&set);
	do {
		number = sigwaitinfo(&set, NULL);
	} while (number < 0 && errno == EINTR);
	new_files_abandon(files);
	sigaction(number, &standard, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(number);
	_exit(128 + number);
}

void
new_files_guard(struct new_files *files)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	pthread_t thread;
	sigset_t set;

	fatal_undo(new_files_abandon, files);
	ending_signals(&set);
	sigaction(SIGPIPE, &ignore, NULL);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	errno = pthread_create(&thread, NULL, await_signal, files);
	if (errno != 0)
		fatal_errno("thread");
	pthread_detach(thread);
}

struct new_file *
new_files_open(struct new_files *files, int dir, const char *path, bool replace)
{
	struct new_file *file = enter(files, dir,
	    path == NULL ? "new file" : path, path != NULL && !replace);

	if (path == NULL) {
		free(file->path);
		file->path = NULL;
	}
	file->replace = replace;
	int result = whole_file_open(
	    &file->whole, dir, path == NULL ? NULL : last_part(path), 0600);
	leave(files, result < 0, path);
	return file;
}

void
new_files_name(struct new_files *files, struct new_file *file, const char *path)
{
	pthread_mutex_lock(&files->lock);
	if (check_free(file->whole.dir, path) == 0)
		file->path = strdup(path);
	leave(files, file->path == NULL, path);
}

void
new_files_park(struct new_files *files, struct new_file *file)
{
	pthread_mutex_lock(&files->lock);
	leave(files, whole_file_park(&file->whole) < 0, file->path);
}

void
new_files_drop(struct new_files *files, struct new_file *file)
{
	pthread_mutex_lock(&files->lock);
	remove_name(file);
	whole_file_close(&file->whole);
	file->there = false;
	pthread_mutex_unlock(&files->lock);
}

struct new_file *
new_files_expect(struct new_files *files, int dir, const char *path)
{
	struct new_file *file = enter(files, dir, path, true);

	file->there = true;
	leave(files, false, path);
	return file;
}

static int
link_or_point(int dir, const char *name, const char *source)
{
	if (linkat(AT_FDCWD, source, dir, name, AT_SYMLINK_FOLLOW) == 0)
		return 0;
	if (errno != EXDEV && errno != EPERM && errno != EMLINK)
		return -1;
	return symlinkat(source, dir, name);
}

struct new_file *
new_files_link(
    struct new_files *files, int dir, const char *path, const char *source)
{
	struct new_file *file = enter(files, dir, path, false);

	file->there = link_or_point(dir, last_part(path), source) == 0;
	leave(files, !file->there, path);
	return file;
}

void
new_files_start(
    struct new_files *files, struct child *child, const struct child_plan *plan)
{
	struct reason why;
	int result = -1;

	*child = (struct child){0};
	pthread_mutex_lock(&files->lock);
	struct child **children = grow(files->children, files->child_count);
	if (children == NULL) {
		reason_memory(&why);
	} else {
		files->children = children;
		result = child_start(child, plan, &why);
	}
	if (result == 0)
		files->children[files->child_count++] = child;
	pthread_mutex_unlock(&files->lock);
	fatal_if(result < 0, &why);
}

int
new_files_end(struct new_files *files, struct child *child)
{
	pthread_mutex_lock(&files->lock);
	int status = child_end(child);
	for (size_t i = 0; i < files->child_count; i++) {
		if (files->children[i] == child)
			files->children[i] =
			    files->children[--files->child_count];
	}
	pthread_mutex_unlock(&files->lock);
	return status;
}

void
new_files_wait(struct new_files *files, struct child *child, const char *name)
{
	child_await(child, UINT64_MAX);
	int status = new_files_end(files, child);
	if (status < 0)
		fatal("%s: cannot be waited for", name);
	if (WIFSIGNALED(status))
		fatal("%s: killed by signal %d", name, WTERMSIG(status));
	if (status != 0)
		fatal_said();
}

/* What replaced a file cannot be taken back. */
static int
commit(struct new_file *file)
{
	bool open = file->whole.fd >= 0 || file->whole.temporary[0] != '\0';

	if (file->path == NULL)
		whole_file_close(&file->whole);
	if (!open || file->path == NULL || file->there)
		return 0;
	if (!file->replace) {
		file->there =
		    whole_file_create(&file->whole, last_part(file->path)) == 0;
		return file->there ? 0 : -1;
	}
	return whole_file_replace(&file->whole);
}

void
new_files_commit(struct new_files *files)
{
	const struct new_file *failed = NULL;

	pthread_mutex_lock(&files->lock);
	for (int replace = 0; replace <= 1; replace++) {
		for (size_t i = 0; i < files->count && failed == NULL; i++) {
			struct new_file *file = files->list[i];

			if (file->replace == replace && commit(file) < 0)
				failed = file;
		}
	}
	leave(files, failed != NULL, failed == NULL ? NULL : failed->path);
}

void
new_files_keep(struct new_files *files)
{
	fatal_undo(NULL, NULL);
	pthread_mutex_lock(&files->lock);
}
