#include "cache.h"

#include "extent_copy.h"
#include "private_dir.h"
#include "sum.h"

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

enum { NAME_SIZE = 192 };

/* To read so much takes no time that anybody could notice: all of its bytes
 * are looked at before it is used. Those of a larger one that is copied are
 * looked at on the way, when it is too late to make the image anew. */
static const off_t look_max = 64 << 20;

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

/* What all names of this job's entries begin with. */
static void
entry_key(const struct job *job, char key[NAME_SIZE])
{
	const struct stat *st = &job->st;

	snprintf(key, NAME_SIZE, "%jx-%jx-%jx-%jx.%lx-%016" PRIx64 "-%zx-",
	    (uintmax_t)st->st_dev, (uintmax_t)st->st_ino,
	    (uintmax_t)st->st_size, (uintmax_t)st->st_mtim.tv_sec,
	    st->st_mtim.tv_nsec, hash(job->member != NULL ? job->member : ""),
	    job->member != NULL ? strlen(job->member) + 1 : 0);
}

/* Finds a name that begins with the key, and what it says of the content. */
static bool
find_name(int dir, const char *key, char name[NAME_SIZE], uint64_t *size,
    uint64_t *sum)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	size_t len = strlen(key);
	const struct dirent *d;
	bool found = false;

	while (!found && stream != NULL && (d = readdir(stream)) != NULL) {
		if (strncmp(d->d_name, key, len) != 0 ||
		    strlen(d->d_name) >= NAME_SIZE ||
		    sscanf(d->d_name + len, "%" SCNx64 "-%" SCNx64, size,
			sum) != 2)
			continue;
		memcpy(name, d->d_name, strlen(d->d_name) + 1);
		found = true;
	}
	if (stream != NULL)
		closedir(stream);
	else if (fd >= 0)
		close(fd);
	return found;
}

static int
sum_file(int fd, uint64_t size, uint64_t *value)
{
	struct sum sum = {0};
	struct extent_copy look = {
	    .in = fd, .out = -1, .see = sum_add, .context = &sum};

	if (extent_copy(&look, 0, 0, size) < 0)
		return -1;
	*value = sum.value;
	return 0;
}

static bool
is_whole(const struct job *job, int fd, const struct stat *st, uint64_t size)
{
	const struct stat *source = &job->st;
	uint64_t now;

	return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	       (uint64_t)st->st_size == size &&
	       st->st_mtim.tv_sec == source->st_mtim.tv_sec &&
	       st->st_mtim.tv_nsec == source->st_mtim.tv_nsec &&
	       ((st->st_size > look_max && job->sha256 == NULL) ||
		   (sum_file(fd, size, &now) == 0 && now == job->sum));
}

int
cache_find(const struct cache *cache, struct job *job, struct reason *why)
{
	const struct timespec now[2] = {
	    {.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};
	char key[NAME_SIZE], name[NAME_SIZE];
	uint64_t size;
	struct stat st;

	if (cache->dir < 0 || !is_cacheable(job))
		return 0;
	entry_key(job, key);
	if (!find_name(cache->dir, key, name, &size, &job->sum))
		return 0;
	int fd = openat(
	    cache->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !is_whole(job, fd, &st, size)) {
		unlinkat(cache->dir, name, 0);
		if (fd >= 0)
			close(fd);
		return 0;
	}
	if (asprintf(&job->cached, "%s/%s", cache->name, name) < 0) {
		job->cached = NULL;
		close(fd);
		return reason_memory(why);
	}
	futimens(fd, now);
	if (job->in >= 0)
		close(job->in);
	job->in = fd;
	job->st = st;
	job->size = (uint64_t)st.st_size;
	job->source = job->cached;
	job->member = NULL;
	job->how = HOW_COPIED;
	return 0;
}

int
cache_check(
    const struct cache *cache, const struct jobs *jobs, struct reason *why)
{
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];

		if (job->cached == NULL || job->how != HOW_COPIED ||
		    job->seen == job->sum)
			continue;
		unlinkat(cache->dir, strrchr(job->cached, '/') + 1, 0);
		return reason_set(why,
		    "%s: damaged, and removed from the cache", job->cached);
	}
	return 0;
}

/* After a crash an entry is whole, or not there. */
static int
seal(const struct job *job, int fd)
{
	const struct timespec times[2] = {
	    {.tv_nsec = UTIME_NOW}, job->st.st_mtim};

	if (fchmod(fd, 0400) < 0 || futimens(fd, times) < 0)
		return -1;
	return fsync(fd);
}

/* Copies a result into a new entry. */
static int
publish_copy(const struct cache *cache, const struct job *job, int from,
    const char *name)
{
	int to = openat(cache->dir, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	struct extent_copy copy = {.in = from, .out = to};
	char self[32];
	int r = -1;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", to);
	if (to >= 0 &&
	    (ioctl(to, FICLONE, from) == 0 ||
		(ftruncate(to, (off_t)job->size) == 0 &&
		    extent_copy(&copy, 0, 0, job->size) == 0)) &&
	    seal(job, to) == 0)
		r = linkat(AT_FDCWD, self, cache->dir, name, AT_SYMLINK_FOLLOW);
	if (to >= 0)
		close(to);
	return r;
}

/* The result itself becomes the entry: the guest will not write to it. */
static int
publish_file(const struct cache *cache, const struct jobs *jobs,
    const struct job *job, int from, const char *name)
{
	const char *id = job->image->id;

	if (seal(job, from) == 0 &&
	    linkat(jobs->dir, id, cache->dir, name, 0) == 0)
		return 0;
	int error = errno;
	fchmod(from, 0600);
	errno = error;
	return -1;
}

static void
keep(const struct cache *cache, const struct jobs *jobs, struct job *job)
{
	char key[NAME_SIZE], name[NAME_SIZE + 36];
	int from = openat(jobs->dir, job->image->id, O_RDONLY | O_CLOEXEC);
	int r = -1;

	entry_key(job, key);
	if (from >= 0 && sum_file(from, job->size, &job->sum) == 0) {
		snprintf(name, sizeof(name), "%s%" PRIx64 "-%016" PRIx64, key,
		    job->size, job->sum);
		if (job->overlay)
			r = publish_file(cache, jobs, job, from, name);
		if (r < 0 && (!job->overlay || errno != EEXIST))
			r = publish_copy(cache, job, from, name);
	}
	/* When it is there, another run was faster. */
	if (r < 0 && errno != EEXIST)
		warn("%s: %s is not kept", cache->name, job->image->id);
	else if (job->overlay &&
		 asprintf(&job->cached, "%s/%s", cache->name, name) < 0)
		job->cached = NULL;
	if (from >= 0)
		close(from);
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

/* The copy's way to it is a link. */
static bool
in_use(const struct cache *cache, const struct jobs *jobs, const char *name)
{
	size_t len = strlen(cache->name);

	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];

		if (job->cached != NULL &&
		    (job->how == HOW_OVERLAID || job->how == HOW_LINKED) &&
		    strcmp(job->cached + len + 1, name) == 0)
			return true;
	}
	return false;
}

void
cache_shrink(const struct cache *cache, const struct jobs *jobs)
{
	uint64_t sum = 0;
	size_t count;

	/* One run at a time; the lock goes with the descriptor. */
	if (cache->dir < 0 || flock(cache->dir, LOCK_EX | LOCK_NB) < 0)
		return;
	struct entry *list = list_entries(cache->dir, &count);
	for (size_t i = 0; i < count; i++)
		sum += list[i].bytes;
	if (count > 0)
		qsort(list, count, sizeof(*list), by_use);
	for (size_t i = 0; i < count && sum > cache->max; i++) {
		if (!in_use(cache, jobs, list[i].name) &&
		    unlinkat(cache->dir, list[i].name, 0) == 0)
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
		struct job *job = &jobs->list[i];

		if (job->image != NULL && is_cacheable(job))
			keep(cache, jobs, job);
	}
}

void
cache_close(struct cache *cache)
{
	if (cache->dir >= 0)
		close(cache->dir);
	cache->dir = -1;
}
