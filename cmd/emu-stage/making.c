#include "making.h"

#include "copy.h"
#include "qemu_img.h"
#include "unpacker.h"
#include "unsparse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int
open_out(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	recipe->out = new_files_open(
	    &staging->files, staging->dir, recipe->path, false, why);
	return recipe->out == NULL ? -1 : 0;
}

static int
expect_out(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	recipe->out =
	    new_files_expect(&staging->files, staging->dir, recipe->path, why);
	return recipe->out == NULL ? -1 : 0;
}

static int
link_source(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	char *source = realpath(recipe->source, NULL);

	if (source == NULL)
		return reason_errno(why, "%s", recipe->source);
	recipe->out = new_files_link(
	    &staging->files, staging->dir, recipe->path, source, why);
	free(source);
	return recipe->out == NULL ? -1 : 0;
}

/* How each is made. */
static const struct maker {
	const char *done; /* what -v says */
	int (*prepare)(struct staging *, struct recipe *, struct reason *);
	int (*run)(struct staging *, struct recipe *, struct reason *);
} makers[] = {
    [HOW_COPY] = {"copied", copy_prepare, copy_run},
    [HOW_LINK] = {"linked", link_source, NULL},
    [HOW_STREAM] = {"copied", open_out, copy_stream},
    [HOW_EXTRACT] = {"extracted", expect_out, unpacker_run},
    [HOW_DECOMPRESS] = {"decompressed", expect_out, unpacker_run},
    [HOW_OVERLAY] = {"overlaid", open_out, qemu_img_overlay},
    [HOW_CONVERT] = {"converted", open_out, qemu_img_convert},
    [HOW_UNSPARSE] = {"unsparsed", open_out, unsparse_run},
    [HOW_KEEP] = {NULL, NULL, NULL},
};

/* What copying will take, by what the sources take. */
static int
check_room(const struct staging *staging, struct reason *why)
{
	uint64_t need = 0;
	struct statvfs fs;

	for (size_t i = 0; i < staging->count; i++) {
		const struct recipe *recipe = &staging->list[i];
		uint64_t blocks = (uint64_t)recipe->st.st_blocks * 512;

		if (recipe->image == NULL || recipe->how != HOW_COPY ||
		    recipe->is_there)
			continue;
		need += blocks < recipe->size ? blocks : recipe->size;
	}
	if (fstatvfs(staging->dir, &fs) < 0)
		return reason_errno(why, "%s", staging->directory);
	uint64_t room =
	    (geteuid() == 0 ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
	/* Some file systems have no number to give. */
	if (need <= room || fs.f_blocks == 0)
		return 0;
	return reason_set(why,
	    "%s: No space left on device: the images need %" PRIu64
	    " MiB, %" PRIu64 " are free",
	    staging->directory, (need >> 20) + 1, room >> 20);
}

/* Whether there are more images than files that may be open at a time. */
static bool
has_many(const struct staging *staging)
{
	enum { OTHERS = 128 };
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       staging->count + OTHERS > limit.rlim_cur;
}

/* Whether the source is read in order, and not for one before. */
static bool
is_first_read(const struct staging *staging, const struct recipe *recipe)
{
	if (makers[recipe->how].run != unpacker_run &&
	    recipe->how != HOW_UNSPARSE && recipe->how != HOW_STREAM)
		return false;
	for (const struct recipe *r = staging->list; r < recipe; r++) {
		if (unpacker_same(r, recipe))
			return false;
	}
	return true;
}

int
making_prepare(struct staging *staging, struct reason *why)
{
	bool park = has_many(staging);

	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];
		const struct maker *maker = &makers[recipe->how];

		recipe->done = maker->done;
		recipe->is_read = is_first_read(staging, recipe);
		if (maker->prepare != NULL &&
		    maker->prepare(staging, recipe, why) < 0)
			return -1;
		if (park && recipe->out != NULL && recipe->out->whole.fd >= 0 &&
		    new_files_park(&staging->files, recipe->out, why) < 0)
			return -1;
	}
	return check_room(staging, why);
}

bool
making_is_run(const struct recipe *recipe)
{
	int (*run)(struct staging *, struct recipe *, struct reason *) =
	    makers[recipe->how].run;

	if (run == unpacker_run)
		return recipe->is_read && recipe->source != NULL;
	return run != NULL && !recipe->is_there;
}

int
making_run(struct staging *staging, struct recipe *recipe, struct reason *why)
{
	return makers[recipe->how].run(staging, recipe, why);
}

int
making_overlays(struct staging *staging, struct reason *why)
{
	for (size_t i = 0; i < staging->count; i++) {
		struct recipe *recipe = &staging->list[i];

		if (!recipe->overlay_later || recipe->cached == NULL)
			continue;
		new_files_drop(&staging->files, recipe->out);
		recipe->how = HOW_OVERLAY;
		recipe->done = makers[HOW_OVERLAY].done;
		recipe->source = recipe->cached;
		if (open_out(staging, recipe, why) < 0 ||
		    making_run(staging, recipe, why) < 0)
			return -1;
	}
	return 0;
}
