#include "cache_dir.h"

#include "file_io.h"
#include "private_dir.h"
#include "whole_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char tag_name[] = "CACHEDIR.TAG";
static const char tag[] =
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This file is a cache directory tag created by emu-stage.\n"
    "# For information about cache directory tags, see "
    "https://bford.info/cachedir/\n";

/* The bytes of the lock file: the first is held by everybody who uses the
 * cache, the others belong to keys. */
enum { LOCK_USE = 0, LOCK_KEYS = 1 };

static bool
is_entry(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 &&
	       strspn(name + len, "0123456789abcdef") == DIGEST_TEXT - 1 &&
	       name[len + DIGEST_TEXT - 1] == '\0';
}

bool
cache_dir_is_image(const char *name)
{
	return is_entry(name, "image-");
}

static DIR *
open_list(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (list == NULL && fd >= 0)
		close(fd);
	return list;
}

/* Whether there is nothing but a tag on its way. */
static bool
is_empty(int dir)
{
	DIR *list = open_list(dir);
	const struct dirent *d;
	bool empty = list != NULL;

	while (list != NULL && (d = readdir(list)) != NULL) {
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0 &&
		    strstr(d->d_name, tag_name) == NULL)
			empty = false;
	}
	if (list != NULL)
		closedir(list);
	return empty;
}

static bool
has_tag(int dir)
{
	char text[sizeof(tag)];
	int fd = openat(dir, tag_name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool ours = fd >= 0 && file_read(fd, text, sizeof(tag) - 1, 0) == 0 &&
		    memcmp(text, tag, sizeof(tag) - 1) == 0;

	if (fd >= 0)
		close(fd);
	return ours;
}

static int
make_tag(int dir)
{
	struct whole_file file;
	int result = -1;

	if (whole_file_open(&file, dir, tag_name, 0600) < 0)
		return -1;
	if (file_write(file.fd, tag, sizeof(tag) - 1, 0) == 0)
		result = whole_file_create(&file, tag_name);
	if (result < 0 && errno == EEXIST)
		result = 0;
	int error = errno;
	whole_file_close(&file);
	errno = error;
	return result;
}

static void
set_lock(const struct cache_dir *cache, int command, short type, off_t byte)
{
	struct flock lock = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};

	while (fcntl(cache->lock, command, &lock) < 0 && errno == EINTR)
		continue;
}

int
cache_dir_open(struct cache_dir *cache, const char *name, struct reason *why)
{
	char *path;

	*cache = (struct cache_dir){.fd = -1, .lock = -1, .name = name};
	if (name == NULL)
		return 0;
	if (mkdir(name, 0700) < 0 && errno != EEXIST)
		return reason_errno(why, "%s", name);
	cache->fd = private_dir_open(name, &path, why);
	free(path);
	if (cache->fd < 0)
		return -1;
	if (is_empty(cache->fd) && make_tag(cache->fd) < 0)
		return reason_errno(why, "%s/%s", name, tag_name);
	if (!has_tag(cache->fd))
		return reason_set(why,
		    "%s: not empty, and no cache of emu-stage's: it has no %s "
		    "of ours",
		    name, tag_name);
	cache->lock = openat(cache->fd, "lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (cache->lock < 0)
		return reason_errno(why, "%s/lock", name);
	set_lock(cache, F_OFD_SETLKW, F_RDLCK, LOCK_USE);
	return 0;
}

void
cache_dir_close(struct cache_dir *cache)
{
	if (cache->lock >= 0)
		close(cache->lock);
	if (cache->fd >= 0)
		close(cache->fd);
	cache->lock = cache->fd = -1;
}

/* A key's byte: two keys that meet in 2^56 wait for each other, no more. */
static off_t
byte_of(const char *key)
{
	char digits[15];

	memcpy(digits, key, sizeof(digits) - 1);
	digits[sizeof(digits) - 1] = '\0';
	return LOCK_KEYS + (off_t)strtoull(digits, NULL, 16);
}

void
cache_dir_lock(const struct cache_dir *cache, const char *key)
{
	set_lock(cache, F_OFD_SETLKW, F_WRLCK, byte_of(key));
}

void
cache_dir_unlock(const struct cache_dir *cache, const char *key)
{
	set_lock(cache, F_OFD_SETLK, F_UNLCK, byte_of(key));
}

static bool
is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec
				      : a->tv_nsec < b->tv_nsec;
}

/* Looks at the images. Returns what all of them take on disk, and the name of
 * the one that was not used for longest and may go; "": there is none. */
static uint64_t
look(int dir, bool (*is_used)(const void *context, const char *name),
    const void *context, char oldest[CACHE_NAME])
{
	struct timespec used = {0};
	DIR *list = open_list(dir);
	const struct dirent *d;
	uint64_t sum = 0;
	struct stat st;

	oldest[0] = '\0';
	while (list != NULL && (d = readdir(list)) != NULL) {
		if (!cache_dir_is_image(d->d_name) ||
		    fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		sum += (uint64_t)st.st_blocks * 512;
		if ((oldest[0] == '\0' || is_before(&st.st_atim, &used)) &&
		    !is_used(context, d->d_name)) {
			memcpy(oldest, d->d_name, strlen(d->d_name) + 1);
			used = st.st_atim;
		}
	}
	if (list != NULL)
		closedir(list);
	return sum;
}

static void
remove_dangling(int dir)
{
	DIR *list = open_list(dir);
	const struct dirent *d;
	struct stat st;

	while (list != NULL && (d = readdir(list)) != NULL) {
		if (is_entry(d->d_name, "source-") &&
		    fstatat(dir, d->d_name, &st, 0) < 0 && errno == ENOENT)
			unlinkat(dir, d->d_name, 0);
	}
	if (list != NULL)
		closedir(list);
}

void
cache_dir_shrink(const struct cache_dir *cache, uint64_t max,
    bool (*is_used)(const void *context, const char *name), const void *context)
{
	struct flock alone = {
	    .l_type = F_WRLCK, .l_start = LOCK_USE, .l_len = 1};
	char oldest[CACHE_NAME];

	if (cache->fd < 0 || fcntl(cache->lock, F_OFD_SETLK, &alone) < 0)
		return;
	while (look(cache->fd, is_used, context, oldest) > max &&
	       oldest[0] != '\0' && unlinkat(cache->fd, oldest, 0) == 0)
		continue;
	remove_dangling(cache->fd);
	set_lock(cache, F_OFD_SETLK, F_RDLCK, LOCK_USE);
}
