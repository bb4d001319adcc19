#include "cache_dir.h"

#include "../fatal.h"
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

void
cache_dir_open(struct cache_dir *cache, const char *name)
{
	struct reason why;
	char *path;

	*cache = (struct cache_dir){.fd = -1, .lock = -1, .name = name};
	if (name == NULL)
		return;
	if (mkdir(name, 0700) < 0 && errno != EEXIST)
		fatal_errno(name);
	cache->fd = private_dir_open(name, &path, &why);
	fatal_if(cache->fd < 0, &why);
	free(path);
	if (is_empty(cache->fd) && make_tag(cache->fd) < 0)
		fatal("%s/%s: %s", name, tag_name, strerror(errno));
	if (!has_tag(cache->fd))
		fatal("%s: not empty, and no cache of emu-stage's: it has no "
		      "%s of ours",
		    name, tag_name);
	cache->lock = openat(cache->fd, "lock",
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (cache->lock < 0)
		fatal("%s/lock: %s", name, strerror(errno));
	set_lock(cache, F_OFD_SETLKW, F_RDLCK, LOCK_USE);
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

bool
cache_dir_have_alone(const struct cache_dir *cache)
{
	struct flock alone = {
	    .l_type = F_WRLCK, .l_start = LOCK_USE, .l_len = 1};

	return fcntl(cache->lock, F_OFD_SETLK, &alone) == 0;
}

void
cache_dir_share(const struct cache_dir *cache)
{
	set_lock(cache, F_OFD_SETLK, F_RDLCK, LOCK_USE);
}

static int
by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct cache_entry *)a)->used;
	const struct timespec *y = &((const struct cache_entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* The list with room for one more: it is doubled at every power of two. */
static struct cache_entry *
grow(struct cache_entry *list, size_t count)
{
	if (count > 0 && (count & (count - 1)) != 0)
		return list;
	list = reallocarray(list, count > 0 ? 2 * count : 1, sizeof(*list));
	if (list == NULL)
		fatal_memory();
	return list;
}

size_t
cache_dir_list(const struct cache_dir *cache, struct cache_entry **list)
{
	DIR *names = open_list(cache->fd);
	const struct dirent *d;
	size_t count = 0;
	struct stat st;

	*list = grow(NULL, 0);
	while (names != NULL && (d = readdir(names)) != NULL) {
		if ((!is_entry(d->d_name, "image-") &&
			!is_entry(d->d_name, "source-")) ||
		    fstatat(cache->fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		*list = grow(*list, count);
		struct cache_entry *entry = &(*list)[count++];
		memcpy(entry->name, d->d_name, strlen(d->d_name) + 1);
		entry->bytes = (uint64_t)st.st_blocks * 512;
		entry->used = st.st_atim;
	}
	if (names != NULL)
		closedir(names);
	qsort(*list, count, sizeof(**list), by_use);
	return count;
}
