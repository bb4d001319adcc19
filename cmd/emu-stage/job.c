#include "job.h"

#include "path.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *
job_name(const struct job *job)
{
	return job->source != NULL ? job->source : job->member;
}

int
job_check(const struct job *job, uint64_t max, struct reason *why)
{
	if (job->size > max)
		return reason_set(why,
		    "%s: %" PRIu64 " bytes, more than -M allows", job_name(job),
		    job->size);
	if (job->want_size >= 0 && (uint64_t)job->want_size != job->size)
		return reason_set(why,
		    "%s: has %" PRIu64 " bytes, not the %" PRId64
		    " of its size",
		    job_name(job), job->size, job->want_size);
	if (job->sha256 != NULL && job->digest[0] != '\0' &&
	    strcasecmp(job->sha256, job->digest) != 0)
		return reason_set(why, "%s: has sha256 %s, not %s",
		    job_name(job), job->digest, job->sha256);
	return 0;
}

/* The caller's own file gets the bytes, the mode and the group that it had. */
static int
open_minfs(struct job *job, struct new_files *files, struct reason *why)
{
	/* With one name, the file is nobody else's already. */
	if (job->st.st_nlink == 1)
		return 0;
	char *directory = path_directory(job->path);
	if (directory == NULL)
		return reason_memory(why);
	/* It stays open as long as the new file. */
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		reason_errno(why, "%s", directory);
	else
		job->out = new_files_open(files, dir, job->path, true, why);
	free(directory);
	if (job->out == NULL)
		return -1;
	int fd = job->out->whole.fd;
	if (job->st.st_uid == geteuid() &&
	    (fchown(fd, (uid_t)-1, job->st.st_gid) < 0 ||
		fchmod(fd, job->st.st_mode & 0777) < 0))
		return reason_errno(why, "%s", job->source);
	return 0;
}

static int
link_source(struct jobs *jobs, struct job *job, struct new_files *files,
    struct reason *why)
{
	char *source = realpath(job->source, NULL);

	if (source == NULL)
		return reason_errno(why, "%s", job->source);
	job->out = new_files_link(files, jobs->dir, job->path, source, why);
	free(source);
	return job->out == NULL ? -1 : 0;
}

int
job_link_base(const struct jobs *jobs, struct job *job, struct new_files *files,
    struct reason *why)
{
	char *entry = realpath(job->cached, NULL);
	int result = entry != NULL ? -1 : 0;

	if (entry == NULL && errno != ENOENT)
		return reason_errno(why, "%s", job->cached);
	if (entry != NULL && asprintf(&job->base, "%s.base", job->path) < 0) {
		job->base = NULL;
		reason_memory(why);
	} else if (entry != NULL && new_files_link(files, jobs->dir, job->base,
					entry, why) != NULL) {
		result = 1;
	} else if (entry != NULL && access(entry, F_OK) < 0) {
		result = 0;
	}
	free(entry);
	return result;
}

/* What the cache had may be gone by now. It is open, and can be copied. */
static int
settle(struct jobs *jobs, struct job *job, struct new_files *files,
    struct reason *why)
{
	if (job->cached == NULL)
		return 0;
	int r = job->how == HOW_OVERLAID ? job_link_base(jobs, job, files, why)
		: job->how == HOW_LINKED ? access(job->cached, F_OK) == 0
					 : 1;
	if (r == 0)
		job->how = HOW_COPIED;
	return r < 0 ? -1 : 0;
}

static int
open_out(struct jobs *jobs, struct job *job, struct new_files *files,
    struct reason *why)
{
	if (settle(jobs, job, files, why) < 0)
		return -1;
	if (job->how == HOW_LINKED)
		return link_source(jobs, job, files, why);
	if (job->how != HOW_COPIED && job->how != HOW_OVERLAID &&
	    job->how != HOW_CONVERTED) {
		job->out = new_files_expect(files, jobs->dir, job->path, why);
		return job->out == NULL ? -1 : 0;
	}
	if (job->image == NULL) {
		if (open_minfs(job, files, why) < 0)
			return -1;
		if (job->out == NULL)
			return 0;
	} else {
		job->out =
		    new_files_open(files, jobs->dir, job->path, false, why);
		if (job->out == NULL)
			return -1;
	}
	if (job->how != HOW_COPIED)
		return 0;
	if (S_ISREG(job->st.st_mode) &&
	    ioctl(job->out->whole.fd, FICLONE, job->in) == 0) {
		job->how = HOW_CLONED;
		return 0;
	}
	if (ftruncate(job->out->whole.fd, (off_t)job->size) < 0)
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
jobs_open(struct jobs *jobs, struct new_files *files, struct reason *why)
{
	for (size_t i = 0; i < jobs->count; i++) {
		if (open_out(jobs, &jobs->list[i], files, why) < 0)
			return -1;
	}
	return check_room(jobs, why);
}

/* What qemu-img made has another format than its source. */
static int
record_format(const struct job *job)
{
	const char *format = job->how == HOW_OVERLAID ? "qcow2" : "raw";

	if (job->how != HOW_OVERLAID &&
	    (job->how != HOW_CONVERTED || job->format == NULL))
		return 0;
	return json_object_set_new(job->entry, "format", json_string(format));
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
			return reason_memory(why);
		if (job->image == NULL)
			continue;
		if (json_object_set_new(job->entry, "size",
			json_integer((json_int_t)job->size)) < 0 ||
		    json_object_set_new(job->entry, "staged", json_true()) <
			0 ||
		    (job->digest[0] != '\0' && job->sha256 == NULL &&
			json_object_set_new(job->entry, "sha256",
			    json_string(job->digest)) < 0))
			return reason_memory(why);
		if (record_format(job) < 0)
			return reason_memory(why);
	}
	return 0;
}

void
jobs_report(const struct jobs *jobs)
{
	static const char *const hows[HOWS] = {
	    [HOW_COPIED] = "copied",
	    [HOW_CLONED] = "cloned",
	    [HOW_LINKED] = "linked",
	    [HOW_STREAMED] = "copied",
	    [HOW_EXTRACTED] = "extracted",
	    [HOW_DECOMPRESSED] = "decompressed",
	    [HOW_OVERLAID] = "overlaid",
	    [HOW_CONVERTED] = "converted",
	};

	for (size_t i = 0; i < jobs->count; i++) {
		const struct job *job = &jobs->list[i];
		const char *id = job->image == NULL ? "minfs" : job->image->id;
		const char *from = job->cached != NULL ? " from the cache" : "";

		if (job->out == NULL)
			warnx("%s: left as it is: it has one name", id);
		else if (job->how == HOW_CLONED || job->how == HOW_LINKED)
			warnx("%s: %s%s, %" PRIu64 " bytes", id, hows[job->how],
			    from, job->size);
		else
			warnx("%s: %s%s, %" PRIu64 " bytes, %" PRIu64
			      " written, %" PRIu64 " in holes",
			    id, hows[job->how], from, job->size, job->written,
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
		free(jobs->list[i].cached);
		free(jobs->list[i].base);
	}
	free(jobs->list);
	free(jobs->directory);
	if (jobs->dir >= 0)
		close(jobs->dir);
	images_free(&jobs->images);
	*jobs = (struct jobs){.dir = -1};
}
