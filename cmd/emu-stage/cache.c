#include "cache.h"

#include "../fatal.h"
#include "../memory.h"
#include "extent_copy.h"
#include "file_io.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* To read so much takes no time that anybody could notice: all of its bytes
 * are looked at before it is used. Those of a larger one that is copied are
 * looked at on the way, when it is too late to make the image anew. */
static const off_t look_max = 64 << 20;

static const struct timespec just_used[2] = {
    {.tv_nsec = UTIME_NOW}, {.tv_nsec = UTIME_OMIT}};

void
cache_key(struct recipe *recipe)
{
	const char *member = recipe->member != NULL ? recipe->member : "";
	const char *sha256 = recipe->claim.sha256;
	const struct stat *st = &recipe->st;
	struct digest digest;
	char text[160];

	if (sha256 != NULL) {
		for (size_t i = 0; i < sizeof(recipe->cache_key); i++)
			recipe->cache_key[i] =
			    (char)tolower((unsigned char)sha256[i]);
		return;
	}
	int len = snprintf(text, sizeof(text),
	    "%jx %jx %jx %jx.%lx %jx.%lx %d ", (uintmax_t)st->st_dev,
	    (uintmax_t)st->st_ino, (uintmax_t)st->st_size,
	    (uintmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	    (uintmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
	    recipe->image == NULL ? 2 : recipe->member != NULL);
	digest_start(&digest);
	digest_add(&digest, text, (size_t)len);
	digest_add(&digest, member, strlen(member));
	digest_end_text(&digest, recipe->cache_key);
}

static void
source_name(const struct recipe *recipe, char name[CACHE_NAME])
{
	snprintf(name, CACHE_NAME, "source-%s", recipe->cache_key);
}

/* The name of the image that the key leads to. Returns whether there is one. */
static bool
image_name(const struct cache_dir *cache, const struct recipe *recipe,
    char name[CACHE_NAME])
{
	char link[CACHE_NAME];
	struct stat st;

	if (recipe->claim.sha256 != NULL) {
		snprintf(name, CACHE_NAME, "image-%s", recipe->cache_key);
		return true;
	}
	source_name(recipe, link);
	if (fstatat(cache->fd, link, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    st.st_uid != geteuid())
		return false;
	ssize_t n = readlinkat(cache->fd, link, name, CACHE_NAME - 1);
	name[n > 0 ? n : 0] = '\0';
	return cache_dir_is_image(name);
}

static bool
has_digest(int fd, uint64_t size, const char *wanted)
{
	char text[DIGEST_TEXT];

	return digest_file(fd, size, text) == 0 && strcmp(text, wanted) == 0;
}

static bool
is_whole(const struct recipe *recipe, int fd, const struct stat *st,
    const char *digest)
{
	return S_ISREG(st->st_mode) && st->st_uid == geteuid() &&
	       st->st_mtim.tv_sec == 0 && st->st_mtim.tv_nsec == 0 &&
	       ((st->st_size > look_max && recipe->claim.sha256 == NULL) ||
		   has_digest(fd, (uint64_t)st->st_size, digest));
}

/* Makes the entry the recipe's source. Returns whether there is a good one. */
static bool
find_one(const struct cache_dir *cache, struct recipe *recipe)
{
	char name[CACHE_NAME];
	struct stat st;

	if (!image_name(cache, recipe, name))
		return false;
	int fd = openat(cache->fd, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool good = fd >= 0 && fstat(fd, &st) == 0 &&
		    is_whole(recipe, fd, &st, name + strlen("image-"));
	if (good)
		futimens(fd, just_used);
	else if (fd >= 0 || errno != ENOENT)
		unlinkat(cache->fd, name, 0);
	if (fd >= 0)
		close(fd);
	if (!good)
		return false;
	recipe->cached = memory_format("%s/%s", cache->name, name);
	recipe->source = recipe->file = recipe->cached;
	recipe->member = NULL;
	recipe->st = st;
	recipe->is_file = true;
	recipe->size = (uint64_t)st.st_size;
	memcpy(recipe->digest, name + strlen("image-"), sizeof(recipe->digest));
	return true;
}

static int
by_key(const void *a, const void *b)
{
	return strcmp((*(struct recipe *const *)a)->cache_key,
	    (*(struct recipe *const *)b)->cache_key);
}

/* The same. When there is none, the recipe's key is locked: another run may be
 * about to have it. */
static bool
find_or_lock(const struct cache_dir *cache, struct recipe *recipe)
{
	if (find_one(cache, recipe))
		return true;
	cache_dir_lock(cache, recipe->cache_key);
	if (!find_one(cache, recipe))
		return false;
	cache_dir_unlock(cache, recipe->cache_key);
	return true;
}

json_t *
cache_find_manifest(const struct cache_dir *cache, struct recipe *recipe)
{
	return find_or_lock(cache, recipe)
		   ? json_load_file(recipe->cached, 0, NULL)
		   : NULL;
}

void
cache_find(const struct cache_dir *cache, struct staging *staging)
{
	struct recipe **list =
	    memory_got(calloc(staging->count + 1, sizeof(*list)));
	size_t count = 0;

	for (size_t i = 0; i < staging->count; i++) {
		if (staging->list[i].cache_key[0] != '\0')
			list[count++] = &staging->list[i];
	}
	qsort(list, count, sizeof(*list), by_key);
	for (size_t i = 0; i < count; i++)
		find_or_lock(cache, list[i]);
	free(list);
}

void
cache_refuse(const struct cache_dir *cache, const struct recipe *recipe)
{
	unlinkat(cache->fd, strrchr(recipe->cached, '/') + 1, 0);
	fatal("%s: damaged, and removed from the cache", recipe->cached);
}

/* After a crash an entry is whole, or not there. */
static int
seal(int fd)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_NOW}, {0}};

	if (fchmod(fd, 0400) < 0 || futimens(fd, times) < 0)
		return -1;
	return fsync(fd);
}

static int
publish_copy(const struct cache_dir *cache, const struct recipe *recipe,
    int from, const char *name)
{
	struct whole_file file;
	int result = -1;

	if (whole_file_open(&file, cache->fd, name, 0600) < 0)
		return -1;
	struct extent_copy copy = {.in = from, .out = file.fd};
	if ((ioctl(file.fd, FICLONE, from) == 0 ||
		(ftruncate(file.fd, (off_t)recipe->size) == 0 &&
		    extent_copy(&copy, 0, 0, recipe->size) == 0)) &&
	    seal(file.fd) == 0)
		result = whole_file_create(&file, name);
	whole_file_close(&file);
	return result;
}

/* The result itself becomes the entry: the guest will not write to it. */
static int
publish_link(const struct cache_dir *cache, const struct staging *staging,
    const struct recipe *recipe, int from, const char *name)
{
	if (seal(from) == 0 &&
	    linkat(staging->dir, recipe->image->id, cache->fd, name, 0) == 0)
		return 0;
	int error = errno;
	fchmod(from, 0600);
	errno = error;
	return -1;
}

static int
publish(const struct cache_dir *cache, const struct staging *staging,
    const struct recipe *recipe, int from, const char *name)
{
	int r = -1;

	if (recipe->overlay_later)
		r = publish_link(cache, staging, recipe, from, name);
	if (r < 0 && (!recipe->overlay_later || errno != EEXIST))
		r = publish_copy(cache, recipe, from, name);
	/* Another source has it already. */
	if (r < 0 && errno == EEXIST)
		r = utimensat(cache->fd, name, just_used, AT_SYMLINK_NOFOLLOW);
	return r;
}

/* Has the recipe's source lead to the image. */
static int
point(const struct cache_dir *cache, const struct recipe *recipe,
    const char *name)
{
	char link[CACHE_NAME];

	source_name(recipe, link);
	if (recipe->claim.sha256 != NULL ||
	    symlinkat(name, cache->fd, link) == 0)
		return 0;
	/* It led to an image that was damaged. */
	if (errno != EEXIST || unlinkat(cache->fd, link, 0) < 0)
		return -1;
	return symlinkat(name, cache->fd, link);
}

/* Keeps what is open as `from`, and closes it. */
static void
keep(const struct cache_dir *cache, const struct staging *staging,
    struct recipe *recipe, int from, const char *what)
{
	char name[CACHE_NAME];

	snprintf(name, sizeof(name), "image-%s", recipe->digest);
	bool kept =
	    from >= 0 && publish(cache, staging, recipe, from, name) == 0;
	if (kept && recipe->overlay_later &&
	    asprintf(&recipe->cached, "%s/%s", cache->name, name) < 0)
		recipe->cached = NULL;
	if (!kept || point(cache, recipe, name) < 0)
		warn("%s: %s is not kept", cache->name, what);
	if (from >= 0)
		close(from);
}

static bool
is_new(const struct recipe *recipe)
{
	return recipe->cache_key[0] != '\0' && recipe->cached == NULL;
}

void
cache_keep_manifest(const struct cache_dir *cache,
    const struct staging *staging, struct recipe *recipe, const json_t *json)
{
	if (!is_new(recipe))
		return;
	char *text = memory_got(json_dumps(json, JSON_COMPACT));
	int fd = memfd_create("manifest", MFD_CLOEXEC);
	size_t len = strlen(text);
	recipe->size = len;
	if (fd < 0 || file_write(fd, text, len, 0) < 0 ||
	    digest_file(fd, recipe->size, recipe->digest) < 0)
		fatal_errno("manifest");
	keep(cache, staging, recipe, fd, "manifest");
	free(text);
}

void
cache_keep(const struct cache_dir *cache, struct staging *staging)
{
	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (is_new(recipe))
			keep(cache, staging, recipe,
			    openat(staging->dir, recipe->image->id,
				O_RDONLY | O_NOFOLLOW | O_CLOEXEC),
			    recipe->image->id);
	}
}
