#include "job.h"

#include "field.h"
#include "path.h"
#include "private_dir.h"
#include "source.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static int
out_of_memory(struct reason *why)
{
	return reason_set(why, "memory: Cannot allocate memory");
}

/* The guest only reads these; the rest may be a disk of its. */
static bool
read_only(const struct image *image)
{
	static const char *const types[] = {"kernel", "zbi", "initrd", "dtb"};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(image->type, types[i]) == 0)
			return true;
	}
	return false;
}

static int
check_size(const struct document *document, const struct job *job,
    const struct options *options, struct reason *why)
{
	char prefix[48];
	int64_t want = -1;

	if (job->size > options->max)
		return reason_set(why,
		    "%s: %" PRIu64 " bytes, more than -M allows", job->source,
		    job->size);
	if (job->image == NULL)
		return 0;
	snprintf(prefix, sizeof(prefix), "images[%zu].", job->image->index);
	if (field_integer(document, job->entry, prefix, "size", 0, INT64_MAX,
		&want, why) < 0)
		return -1;
	if (want >= 0 && (uint64_t)want != job->size)
		return reason_set(why,
		    "%s: has %" PRIu64 " bytes, not the %" PRId64
		    " of its size",
		    job->source, job->size, want);
	return 0;
}

static int
plan_image(struct jobs *jobs, const struct document *document,
    const struct image *image, const struct options *options,
    struct reason *why)
{
	if (image->path == NULL)
		return reason_set(why, "%s: images[%zu].path: missing",
		    document->name, image->index);
	struct job *job = &jobs->list[jobs->count++];
	*job = (struct job){.image = image,
	    .entry = image->entry,
	    .key = "path",
	    .source = image->path,
	    .in = -1};
	if (asprintf(&job->path, "%s/%s", jobs->directory, image->id) < 0) {
		job->path = NULL;
		return out_of_memory(why);
	}
	if (source_open(job, why) < 0)
		return -1;
	if (options->link && read_only(image) && S_ISREG(job->st.st_mode))
		job->how = HOW_LINKED;
	return check_size(document, job, options, why);
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
	*job = (struct job){
	    .entry = minfs, .key = "image", .source = path, .in = -1};
	job->path = realpath(path, NULL);
	if (job->path == NULL)
		return reason_errno(why, "%s", path);
	if (source_open(job, why) < 0)
		return -1;
	if (!S_ISREG(job->st.st_mode))
		return reason_set(why, "%s: not a regular file", path);
	return check_size(document, job, options, why);
}

int
jobs_plan(struct jobs *jobs, const struct document *document,
    const struct options *options, struct reason *why)
{
	*jobs = (struct jobs){.dir = -1};
	if (images_collect(document, &jobs->images, why) < 0)
		return -1;
	jobs->dir = private_dir_open(options->directory, &jobs->directory, why);
	if (jobs->dir < 0)
		return -1;
	jobs->list = calloc(jobs->images.count + 1, sizeof(*jobs->list));
	if (jobs->list == NULL)
		return out_of_memory(why);
	for (size_t i = 0; i < jobs->images.count; i++) {
		const struct image *image = &jobs->images.list[i];

		if (!image->staged &&
		    plan_image(jobs, document, image, options, why) < 0)
			return -1;
	}
	return plan_minfs(jobs, document, options, why);
}

/* The user's file gets the bytes, the mode and the owner that it had. */
static int
open_minfs(struct job *job, struct made *made, struct reason *why)
{
	/* With one name, the file is nobody else's already. */
	if (job->st.st_nlink == 1)
		return 0;
	char *directory = path_directory(job->path);
	if (directory == NULL)
		return out_of_memory(why);
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		reason_errno(why, "%s", directory);
	else
		job->out = made_open(made, dir, job->path, true, why);
	if (dir >= 0)
		close(dir);
	free(directory);
	if (job->out == NULL)
		return -1;
	int fd = job->out->fd;
	if (fchown(fd, job->st.st_uid, job->st.st_gid) < 0 ||
	    fchmod(fd, job->st.st_mode & 07777) < 0)
		return reason_errno(why, "%s", job->source);
	return 0;
}

static int
open_out(
    struct jobs *jobs, struct job *job, struct made *made, struct reason *why)
{
	if (job->image == NULL) {
		if (open_minfs(job, made, why) < 0)
			return -1;
		if (job->out == NULL)
			return 0;
	} else if (job->how == HOW_LINKED) {
		char *source = realpath(job->source, NULL);

		if (source == NULL)
			return reason_errno(why, "%s", job->source);
		job->out = made_link(made, jobs->dir, job->path, source, why);
		free(source);
		return job->out == NULL ? -1 : 0;
	} else {
		job->out = made_open(made, jobs->dir, job->path, false, why);
		if (job->out == NULL)
			return -1;
	}
	if (S_ISREG(job->st.st_mode) &&
	    ioctl(job->out->fd, FICLONE, job->in) == 0) {
		job->how = HOW_CLONED;
		return 0;
	}
	if (ftruncate(job->out->fd, (off_t)job->size) < 0)
		return reason_errno(why, "%s", job->path);
	return 0;
}

/* What copying will take, by what the sources take. */
static int
check_room(const struct jobs *jobs, struct reason *why)
{
	uint64_t need = 0;
	struct statvfs fs;

	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];
		uint64_t blocks = (uint64_t)job->st.st_blocks * 512;

		if (job->image == NULL || job->how != HOW_COPIED)
			continue;
		need += blocks < job->size ? blocks : job->size;
	}
	if (fstatvfs(jobs->dir, &fs) < 0)
		return reason_errno(why, "%s", jobs->directory);
	uint64_t room =
	    (geteuid() == 0 ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
	/* Some file systems have no number to give. */
	if (need <= room || fs.f_blocks == 0)
		return 0;
	return reason_set(why,
	    "%s: No space left on device: the images need %" PRIu64
	    " MiB, %" PRIu64 " are free",
	    jobs->directory, (need >> 20) + 1, room >> 20);
}

int
jobs_open(struct jobs *jobs, struct made *made, struct reason *why)
{
	for (size_t i = 0; i < jobs->count; i++) {
		if (open_out(jobs, &jobs->list[i], made, why) < 0)
			return -1;
	}
	return check_room(jobs, why);
}

int
jobs_record(const struct jobs *jobs, struct reason *why)
{
	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];
		json_t *path = json_string(job->path);

		if (path == NULL)
			return reason_set(why, "%s: not UTF-8", job->path);
		if (json_object_set_new(job->entry, job->key, path) < 0)
			return out_of_memory(why);
		if (job->image == NULL)
			continue;
		if (json_object_set_new(job->entry, "size",
			json_integer((json_int_t)job->size)) < 0 ||
		    json_object_set_new(job->entry, "staged", json_true()) < 0)
			return out_of_memory(why);
	}
	return 0;
}

void
jobs_report(const struct jobs *jobs)
{
	static const char *const hows[] = {"copied", "cloned", "linked"};

	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];
		const char *id = job->image == NULL ? "minfs" : job->image->id;

		if (job->out == NULL)
			warnx("%s: left as it is: it has one name", id);
		else if (job->how != HOW_COPIED)
			warnx("%s: %s, %" PRIu64 " bytes", id, hows[job->how],
			    job->size);
		else
			warnx("%s: copied, %" PRIu64 " bytes, %" PRIu64
			      " written, %" PRIu64 " in holes",
			    id, job->size, job->written,
			    job->size - job->written);
	}
}

void
jobs_free(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->count; i++) {
		if (jobs->list[i].in >= 0)
			close(jobs->list[i].in);
		free(jobs->list[i].path);
	}
	free(jobs->list);
	free(jobs->directory);
	if (jobs->dir >= 0)
		close(jobs->dir);
	images_free(&jobs->images);
	*jobs = (struct jobs){.dir = -1};
}
