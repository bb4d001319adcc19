#include "cache_dir.h"

#include "../fatal.h"
#include "../memory.h"
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

/* What follows the prefix and a digest, or NULL. */
static const char *
behind_digest(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(name, prefix, len) != 0 ||
	    strspn(name + len, "0123456789abcdef") != DIGEST_TEXT - 1)
		return NULL;
	return name + len + DIGEST_TEXT - 1;
}

static bool
is_entry(const char *name, const char *prefix)
{
	const char *end = behind_digest(name, prefix);

	return end != NULL && *end == '\0';
}

bool
cache_dir_is_image(const char *name)
{
	return is_entry(name, "image-");
}

/* An image on its way, where there is no O_TMPFILE; see whole_file.c. */
static bool
is_unfinished(const char *name)
{
	const char *end = behind_digest(name, ".image-");

	return end != NULL && strncmp(end, ".emu", strlen(".emu")) == 0;
}

/* Neither a tag on its way nor a name that every directory has. */
static int
is_foreign(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
	       strstr(d->d_name, tag_name) == NULL;
}

static int
is_any_entry(const struct dirent *d)
{
	return is_entry(d->d_name, "image-") ||
	       is_entry(d->d_name, "source-") || is_unfinished(d->d_name);
}

static void
free_names(struct dirent **names, int count)
{
	for (int i = 0; i < count; i++)
		free(names[i]);
	if (count >= 0)
		free(names);
}

static bool
is_empty(const char *name)
{
	struct dirent **names;
	int count = scandir(name, &names, is_foreign, NULL);

	free_names(names, count);
	return count == 0;
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
	whole_file_close(&file);
	return result;
}

static bool
set_lock(const struct cache_dir *cache, int command, short type, off_t byte)
{
	struct flock lock = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
	int result;

	do {
		result = fcntl(cache->lock, command, &lock);
	} while (result < 0 && errno == EINTR);
	return result == 0;
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
	if (is_empty(name) && make_tag(cache->fd) < 0)
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

/* An entry, an image or a link. */
struct entry {
	const char *name;
	uint64_t bytes; /* on disk */
	struct timespec used;
};

static int
by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct entry *)a)->used;
	const struct timespec *y = &((const struct entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* The entries of the cache. Returns their number, or -1; the caller frees
 * *list, and with free_names the names, which they borrow. */
static int
list_entries(
    const struct cache_dir *cache, struct dirent ***names, struct entry **list)
{
	int count = scandir(cache->name, names, is_any_entry, NULL);
	struct stat st;

	*list =
	    memory_got(calloc(count > 0 ? (size_t)count : 1, sizeof(**list)));
	for (int i = 0; i < count; i++) {
		struct entry *entry = &(*list)[i];

		entry->name = (*names)[i]->d_name;
		if (fstatat(cache->fd, entry->name, &st, AT_SYMLINK_NOFOLLOW) <
		    0)
			continue;
		entry->bytes = (uint64_t)st.st_blocks * 512;
		entry->used = st.st_atim;
	}
	if (count > 0)
		qsort(*list, (size_t)count, sizeof(**list), by_use);
	return count;
}

static bool
is_used(const struct staging *staging, const char *name)
{
	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *recipe = &staging->list[i];

		if (recipe->cached != NULL &&
		    (recipe->how == HOW_OVERLAY || recipe->how == HOW_LINK) &&
		    strcmp(strrchr(recipe->cached, '/') + 1, name) == 0)
			return true;
	}
	return false;
}

void
cache_dir_shrink(
    const struct cache_dir *cache, const struct staging *staging, uint64_t max)
{
	struct dirent **names;
	struct entry *list;
	uint64_t sum = 0;
	struct stat st;

	if (cache->fd < 0 || !set_lock(cache, F_OFD_SETLK, F_WRLCK, LOCK_USE))
		return;
	int count = list_entries(cache, &names, &list);
	for (int i = 0; i < count; i++)
		sum += list[i].bytes;
	for (int i = 0; i < count && sum > max; i++) {
		if (cache_dir_is_image(list[i].name) &&
		    !is_used(staging, list[i].name) &&
		    unlinkat(cache->fd, list[i].name, 0) == 0)
			sum -= list[i].bytes;
	}
	for (int i = 0; i < count; i++) {
		/* A link to nowhere, or what a run that was killed has left. */
		if (is_unfinished(list[i].name) ||
		    (!cache_dir_is_image(list[i].name) &&
			fstatat(cache->fd, list[i].name, &st, 0) < 0 &&
			errno == ENOENT))
			unlinkat(cache->fd, list[i].name, 0);
	}
	free(list);
	free_names(names, count);
	set_lock(cache, F_OFD_SETLK, F_RDLCK, LOCK_USE);
}
