#include "plan.h"

#include "field.h"
#include "qcow2.h"
#include "source.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an entry says about how its image is to be had. */
struct wishes {
	const char *extract;
	const char *convert;
	bool decompress;
};

static bool
is_one_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

/* The guest only reads these; the rest may be a disk of its. */
static bool
read_only(const struct job *job)
{
	static const char *const types[] = {"kernel", "zbi", "initrd", "dtb"};

	return is_one_of(
	    job->image->type, types, sizeof(types) / sizeof(*types));
}

static int
refuse(const struct document *document, const struct image *image,
    const char *what, struct reason *why)
{
	return reason_set(
	    why, "%s: images[%zu].%s", document->name, image->index, what);
}

static bool
is_digest(const char *text)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n == DIGEST_TEXT - 1 && text[n] == '\0';
}

static int
read_wishes(const struct document *document, struct job *job,
    struct wishes *wishes, struct reason *why)
{
	const json_t *entry = job->entry;
	char prefix[48];

	snprintf(prefix, sizeof(prefix), "images[%zu].", job->image->index);
	if (field_text(document, entry, prefix, "extract", &wishes->extract,
		why) < 0 ||
	    field_bool(document, entry, prefix, "decompress",
		&wishes->decompress, why) < 0 ||
	    field_text(document, entry, prefix, "convert", &wishes->convert,
		why) < 0 ||
	    field_text(document, entry, prefix, "format", &job->format, why) <
		0 ||
	    field_text(document, entry, prefix, "sha256", &job->sha256, why) <
		0 ||
	    field_integer(document, entry, prefix, "size", 0, INT64_MAX,
		&job->want_size, why) < 0)
		return -1;
	if (job->sha256 != NULL && !is_digest(job->sha256))
		return refuse(document, job->image,
		    "sha256: expected 64 hexadecimal digits", why);
	if (wishes->convert != NULL && strcmp(wishes->convert, "raw") != 0)
		return refuse(
		    document, job->image, "convert: expected \"raw\"", why);
	if ((wishes->extract != NULL) + wishes->decompress +
		(wishes->convert != NULL) >
	    1)
		return refuse(document, job->image,
		    "extract, decompress and convert exclude each other", why);
	return 0;
}

/* With -x, a path that is relative is a member's. */
static bool
in_archive(const struct options *options, const struct image *image)
{
	return options->archive != NULL && image->path[0] != '/';
}

/* Decides how, by what is known without looking at the source. */
static int
choose(const struct document *document, struct job *job,
    const struct wishes *wishes, const struct options *options,
    struct reason *why)
{
	/* What is to have a sha256 is read to the end, and so copied. */
	job->overlay =
	    options->overlay && !read_only(job) && job->sha256 == NULL;
	if (in_archive(options, job->image)) {
		if (wishes->extract != NULL || wishes->decompress ||
		    wishes->convert != NULL)
			return refuse(document, job->image,
			    "path: in an archive, and to be extracted, "
			    "decompressed or converted",
			    why);
		job->source = NULL;
		job->member = job->image->path;
		job->how = HOW_EXTRACTED;
		job->is_file = stat(options->archive, &job->st) == 0 &&
			       S_ISREG(job->st.st_mode);
		return 0;
	}
	job->member = wishes->extract;
	if (wishes->extract != NULL)
		job->how = HOW_EXTRACTED;
	else if (wishes->decompress)
		job->how = HOW_DECOMPRESSED;
	else if (wishes->convert != NULL)
		job->how = HOW_CONVERTED;
	return source_open(job, why);
}

/* Of what would be copied, some need not be, and some must be read by
 * emu-unpack. */
static int
choose_copy(struct job *job, const struct options *options, struct reason *why)
{
	bool backed = false;

	if (job->how != HOW_COPIED)
		return 0;
	if (job->is_file && job->format != NULL &&
	    strcmp(job->format, "qcow2") == 0 &&
	    qcow2_has_backing(job->in, job->source, &backed, why) < 0)
		return -1;
	if (!job->is_file || job->sha256 != NULL)
		job->how = HOW_STREAMED;
	if (backed || (job->overlay && job->is_file))
		job->how = HOW_OVERLAID;
	else if ((options->link || job->cached != NULL) &&
		 S_ISREG(job->st.st_mode) && job->sha256 == NULL &&
		 read_only(job))
		job->how = HOW_LINKED;
	if (job->how == HOW_OVERLAID && job->sha256 != NULL)
		return reason_set(why,
		    "%s: an overlay has no sha256 that could be checked",
		    job->source);
	return 0;
}

static int
plan_image(struct jobs *jobs, const struct document *document,
    const struct image *image, const struct options *options,
    const struct cache *cache, struct reason *why)
{
	struct wishes wishes = {0};

	if (image->path == NULL)
		return refuse(document, image, "path: missing", why);
	struct job *job = &jobs->list[jobs->count++];
	*job = (struct job){.image = image,
	    .entry = image->entry,
	    .key = "path",
	    .source = image->path,
	    .want_size = -1,
	    .in = -1};
	if (asprintf(&job->path, "%s/%s", jobs->directory, image->id) < 0) {
		job->path = NULL;
		return reason_memory(why);
	}
	if (read_wishes(document, job, &wishes, why) < 0 ||
	    choose(document, job, &wishes, options, why) < 0 ||
	    cache_find(cache, job, why) < 0 ||
	    choose_copy(job, options, why) < 0)
		return -1;
	/* An overlay's size is the disk's; here it is the file's still. */
	if (job->how == HOW_COPIED || job->how == HOW_LINKED ||
	    job->how == HOW_OVERLAID)
		return job_check(job, options->max, why);
	return 0;
}

/* botanist's minfs: the guest writes to the user's file. */
static int
plan_minfs(struct jobs *jobs, const struct document *document,
    const struct options *options, struct reason *why)
{
	json_t *minfs = NULL;
	const char *path = NULL;

	if (field_object(document, document->root, "", "minfs", &minfs, why) <
	    0)
		return -1;
	if (minfs == NULL)
		return 0;
	if (field_text(document, minfs, "minfs.", "image", &path, why) < 0)
		return -1;
	if (path == NULL)
		return reason_set(
		    why, "%s: minfs.image: missing", document->name);
	struct job *job = &jobs->list[jobs->count++];
	*job = (struct job){.entry = minfs,
	    .key = "image",
	    .source = path,
	    .want_size = -1,
	    .in = -1};
	job->path = realpath(path, NULL);
	if (job->path == NULL)
		return reason_errno(why, "%s", path);
	if (source_open(job, why) < 0)
		return -1;
	if (!S_ISREG(job->st.st_mode))
		return reason_set(why, "%s: not a regular file", path);
	return job_check(job, options->max, why);
}

int
plan_jobs(struct jobs *jobs, const struct document *document,
    const struct options *options, const struct cache *cache,
    struct reason *why)
{
	if (images_collect(document, &jobs->images, why) < 0)
		return -1;
	jobs->list = calloc(jobs->images.count + 1, sizeof(*jobs->list));
	if (jobs->list == NULL)
		return reason_memory(why);
	for (size_t i = 0; i < jobs->images.count; i++) {
		const struct image *image = &jobs->images.list[i];

		if (!image->staged &&
		    plan_image(jobs, document, image, options, cache, why) < 0)
			return -1;
	}
	return plan_minfs(jobs, document, options, why);
}
