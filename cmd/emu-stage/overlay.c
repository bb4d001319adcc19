#include "overlay.h"

#include "command.h"
#include "file_io.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The new file has no name yet. */
static const char target[] = "/proc/self/fd/3";

static int
run(struct job *job, const char *const *argv, struct new_files *files,
    struct reason *why)
{
	const struct child_plan plan = {.argv = argv,
	    .fds = {CHILD_NULL, CHILD_NULL, STDERR_FILENO, job->out->whole.fd},
	    .count = 4};
	struct child child;

	if (new_files_start(files, &child, &plan, why) < 0)
		return -1;
	return command_wait(files, &child, argv[0], why);
}

static int
create(struct job *job, const char *source, struct new_files *files,
    struct reason *why)
{
	const char *format = job->format != NULL ? job->format : "raw";
	const char *const argv[] = {"qemu-img", "create", "-q", "-f", "qcow2",
	    "-b", source, "-F", format, target, NULL};

	return run(job, argv, files, why);
}

static int
convert(struct job *job, const char *source, struct new_files *files,
    struct reason *why)
{
	const char *const known[] = {"qemu-img", "convert", "-q", "-f",
	    job->format, "-O", "raw", source, target, NULL};
	const char *const unknown[] = {
	    "qemu-img", "convert", "-q", "-O", "raw", source, target, NULL};

	return run(job, job->format != NULL ? known : unknown, files, why);
}

/* The size is that of the disk, not of the file. */
static int
measure(struct job *job, struct reason *why)
{
	struct stat st;
	uint64_t size;

	if (fstat(job->out->whole.fd, &st) < 0)
		return reason_errno(why, "%s", job->path);
	job->size = (uint64_t)st.st_size;
	job->written = (uint64_t)st.st_blocks * 512;
	if (job->how == HOW_CONVERTED)
		return 0;
	if (file_read(job->out->whole.fd, &size, sizeof(size), 24) < 0)
		return reason_set(why, "%s: no overlay came", job->path);
	job->size = be64toh(size);
	return 0;
}

int
overlay_run(struct job *job, struct new_files *files, struct reason *why)
{
	const char *name = job->base != NULL ? job->base : job->source;
	char *source = realpath(name, NULL);

	if (source == NULL)
		return reason_errno(why, "%s", name);
	int r = job->how == HOW_OVERLAID ? create(job, source, files, why)
					 : convert(job, source, files, why);
	free(source);
	return r < 0 ? -1 : measure(job, why);
}

static int
replace(struct jobs *jobs, struct job *job, struct new_files *files,
    struct reason *why)
{
	int r = job_link_base(jobs, job, files, why);

	/* Another run's -C has removed it: what was extracted is ours alone. */
	if (r == 0 && fchmodat(jobs->dir, job->image->id, 0600, 0) < 0)
		return reason_errno(why, "%s", job->path);
	if (r <= 0)
		return r;
	new_files_drop(files, job->out);
	job->how = HOW_OVERLAID;
	job->out = new_files_open(files, jobs->dir, job->path, false, why);
	return job->out == NULL ? -1 : overlay_run(job, files, why);
}

int
overlay_kept(struct jobs *jobs, struct new_files *files, struct reason *why)
{
	for (size_t i = 0; i < jobs->count; i++) {
		struct job *job = &jobs->list[i];

		if (job->overlay && job->cached != NULL &&
		    job->how != HOW_OVERLAID && job->how != HOW_COPIED &&
		    replace(jobs, job, files, why) < 0)
			return -1;
	}
	return 0;
}
