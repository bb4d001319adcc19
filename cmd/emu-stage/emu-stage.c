/* emu-stage: gives the guest its own copies of its images. The document comes
 * in with paths of the user's files and goes out with those of the copies. */
#include "cache.h"
#include "crew.h"
#include "document.h"
#include "image.h"
#include "job.h"
#include "new_files.h"
#include "options.h"
#include "overlay.h"
#include "plan.h"
#include "private_dir.h"
#include "signal_cleanup.h"
#include "stdio_guard.h"
#include "unpacker.h"

#include <err.h>
#include <stdlib.h>

/* What threads may still use when one of them has failed: it lasts as long as
 * main. */
struct stage {
	struct document document;
	struct new_files files;
	struct jobs jobs;
	struct unpacker unpacker;
	struct crew crew;
	struct cache cache;
};

static int
read_documents(struct document *document, const struct options *options,
    struct reason *why)
{
	if (document_read(document, options->document, why) < 0)
		return -1;
	if (options->manifest == NULL)
		return 0;
	return images_add_manifest(document, options->manifest, why);
}

static int
stage(struct stage *stage, const struct options *options, struct reason *why)
{
	struct jobs *jobs = &stage->jobs;

	jobs->dir = private_dir_open(options->directory, &jobs->directory, why);
	if (jobs->dir < 0 || cache_open(&stage->cache, options->cache,
				 options->cache_max, why) < 0)
		return -1;
	stage->unpacker = (struct unpacker){.files = &stage->files,
	    .directory = jobs->directory,
	    .max = options->max};
	stage->crew = (struct crew){
	    .jobs = jobs, .files = &stage->files, .max = options->max};
	if (options->archive != NULL) {
		stage->crew.archive = &stage->unpacker;
		if (unpacker_start(&stage->unpacker, options->archive,
			&stage->document, why) < 0)
			return -1;
	}
	if (plan_jobs(jobs, &stage->document, options, &stage->cache, why) <
		0 ||
	    jobs_open(jobs, &stage->files, why) < 0 ||
	    crew_run(&stage->crew, why) < 0 ||
	    cache_check(&stage->cache, jobs, why) < 0)
		return -1;
	cache_keep(&stage->cache, jobs);
	if (overlay_kept(jobs, &stage->files, why) < 0)
		return -1;
	cache_shrink(&stage->cache, jobs);
	if (jobs_record(jobs, why) < 0 ||
	    new_files_commit(&stage->files, why) < 0)
		return -1;
	if (options->verbose)
		jobs_report(jobs);
	return 0;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct stage all = {.files.lock = PTHREAD_MUTEX_INITIALIZER};
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	options_parse(&options, argc, argv);
	if (read_documents(&all.document, &options, &why) < 0 ||
	    signal_cleanup_start(&all.files, &why) < 0)
		errx(1, "%s", why.text);
	if (stage(&all, &options, &why) < 0 ||
	    document_write(&all.document, stdout, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		new_files_abandon(&all.files);
		if (why.text[0] == '\0')
			exit(1);
		errx(1, "%s", why.text);
	}
	new_files_keep(&all.files);
	cache_close(&all.cache);
	jobs_free(&all.jobs);
	document_free(&all.document);
	new_files_free(&all.files);
	return 0;
}
