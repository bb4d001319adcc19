#include "cache.h"

#include "extent_copy.h"
#include "private_dir.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { NAME_SIZE = 160 };

/* An entry, for the choice of those to be removed. */
struct entry {
	char name[NAME_SIZE];
	struct timespec used;
	uint64_t bytes;
};

int
cache_open(
    struct cache *cache, const char *name, uint64_t max, struct reason *why)
{
	char *path;

	*cache = (struct cache){.dir = -1, .name = name, .max = max};
	if (name == NULL)
		return 0;
	if (mkdir(name, 0700) < 0 && errno != EEXIST)
		return reason_errno(why, "%s", name);
	cache->dir = private_dir_open(name, &path, why);
	free(path);
	return cache->dir < 0 ? -1 : 0;
}

/* FNV-1a: the members of one archive have to differ, no more. */
static uint64_t
hash(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

static bool
is_cacheable(const struct job *job)
{
	return job->is_file && S_ISREG(job->st.st_mode) &&
	       (job->how == HOW_EXTRACTED || job->how == HOW_DECOMPRESSED);
}

static void
entry_name(const struct job *job, char name[NAME_SIZE])
{
	const struct stat *st = &job->st;

	snprintf(name, NAME_SIZE, "%jx-%jx-%jx-%jx.%lx-%016" PRIx64 "-%zx",
	    (uintmax_t)st->st_dev, (uintmax_t)st->st_ino,
	    (uintmax_t)st->st_size, (uintmax_t)st->st_mtim.tv_sec,
	    st->st_mtim.tv_nsec, hash(job->member != NULL ? job->member : ""),
	    job->member != NULL ? strlen(job->member) + 1 : 0);
}

static bool
is_whole(const struct stat *entry, const struct stat *source)
{
	return S_ISREG(entry->st_mode) && entry->st_uid == geteuid() &&
	       entry->st_mtim.tv_sec == source->st_mtim.tv_sec &&
	       entry->st_mtim.tv_nsec == source->st_mtim.tv_nsec;
}

int
cache_find(const struct cache *cache, struct job *job, struct reason *why)
{
	const struct timespec now[2] = {
	    {.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
	char name[NAME_SIZE];
	struct stat st;

	if (cache->dir < 0 || !is_cacheable(job))
		return 0;
	entry_name(job, name);
	int fd = openat(
	    cache->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT)
			unlinkat(cache->dir, name, 0);
		return 0;
	}
	if (fstat(fd, &st) < 0 || !is_whole(&st, &job->st)) {
		unlinkat(cache->dir, name, 0);
		close(fd);
		return 0;
	}
	if (asprintf(&job->cached, "%s/%s", cache->name, name) < 0) {
		job->cached = NULL;
		close(fd);
		return reason_errno(why, "memory");
	}
	futimens(fd, now);
	close(job->in);
	job->in = fd;
	job->st = st;
	job->size = (uint64_t)st.st_size;
	job->source = job->cached;
	job->member = NULL;
	job->how = HOW_COPIED;
	return 0;
}

/* Copies a result into a new entry, which has no name yet. */
static int
fill(const struct job *job, int from, int to)
{
	const struct timespec times[2] = {
	    {.tv_nsec = UTIME_NOW}, job->st.st_mtim};
	struct extent_copy copy = {.in = from, .out = to};

	if (ioctl(to, FICLONE, from) < 0 &&
	    (ftruncate(to, (off_t)job->size) < 0 ||
		extent_copy(&copy, 0, 0, job->size) < 0))
		return -1;
	/* After a crash it is whole, or not there. */
	if (fchmod(to, 0400) < 0 || futimens(to, times) < 0)
		return -1;
	return fsync(to);
}

static void
keep(const struct cache *cache, const struct jobs *jobs, const struct job *job)
{
	char name[NAME_SIZE], self[32];
	int from = openat(jobs->dir, job->image->id, O_RDONLY | O_CLOEXEC);
	int to = openat(cache->dir, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

	entry_name(job, name);
	snprintf(self, sizeof(self), "/proc/self/fd/%d", to);
	/* When it is there, another run was faster. */
	if (from >= 0 && to >= 0 && fill(job, from, to) == 0 &&
	    linkat(AT_FDCWD, self, cache->dir, name, AT_SYMLINK_FOLLOW) < 0 &&
	    errno != EEXIST)
		warn("%s: %s is not kept", cache->name, job->image->id);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
}

static int
by_use(const void *a, const void *b)
{
	const struct timespec *x = &((const struct entry *)a)->used;
	const struct timespec *y = &((const struct entry *)b)->used;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Reads the entries. The caller frees the list. */
static struct entry *
list_entries(int dir, size_t *count)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct entry *list = NULL;
	const struct dirent *d;
	struct stat st;

	*count = 0;
	while (stream != NULL && (d = readdir(stream)) != NULL) {
		if (fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode) || strlen(d->d_name) >= NAME_SIZE)
			continue;
		struct entry *longer =
		    reallocarray(list, *count + 1, sizeof(*list));
		if (longer == NULL)
			break;
		list = longer;
		struct entry *entry = &list[(*count)++];
		*entry = (struct entry){
		    .used = st.st_atim, .bytes = (uint64_t)st.st_blocks * 512};
		memcpy(entry->name, d->d_name, strlen(d->d_name) + 1);
	}
	if (stream != NULL)
		closedir(stream);
	return list;
}

static void
shrink(const struct cache *cache)
{
	uint64_t sum = 0;
	size_t count;

	/* One run at a time; the lock goes with the descriptor. */
	if (flock(cache->dir, LOCK_EX | LOCK_NB) < 0)
		return;
	struct entry *list = list_entries(cache->dir, &count);
	for (size_t i = 0; i < count; i++)
		sum += list[i].bytes;
	if (count > 0)
		qsort(list, count, sizeof(*list), by_use);
	for (size_t i = 0; i < count && sum > cache->max; i++) {
		if (unlinkat(cache->dir, list[i].name, 0) == 0)
			sum -= list[i].bytes;
	}
	free(list);
	flock(cache->dir, LOCK_UN);
}

void
cache_keep(const struct cache *cache, const struct jobs *jobs)
{
	if (cache->dir < 0)
		return;
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];

		if (job->image != NULL && is_cacheable(job))
			keep(cache, jobs, job);
	}
	shrink(cache);
}

void
cache_close(struct cache *cache)
{
	if (cache->dir >= 0)
		close(cache->dir);
	cache->dir = -1;
}
