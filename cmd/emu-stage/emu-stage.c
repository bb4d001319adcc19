/* emu-stage: gives the guest its own copies of its images. The document comes
 * in with paths of the user's files and goes out with those of the copies. */
#include "crew.h"
#include "document.h"
#include "image.h"
#include "job.h"
#include "made.h"
#include "options.h"
#include "stdio_guard.h"
#include "watch.h"

#include <err.h>
#include <stdlib.h>

static int
stage(struct document *document, struct made *made,
    const struct options *options, struct reason *why)
{
	struct jobs jobs;
	int result = -1;

	if (jobs_plan(&jobs, document, options, why) < 0 ||
	    jobs_open(&jobs, made, why) < 0 || crew_copy(&jobs, why) < 0 ||
	    jobs_record(&jobs, why) < 0 || made_commit(made, why) < 0)
		goto out;
	if (options->verbose)
		jobs_report(&jobs);
	result = 0;
out:
	jobs_free(&jobs);
	return result;
}

int
main(int argc, char *argv[])
{
	struct options options;
	struct document document = {0};
	struct made made = {.lock = PTHREAD_MUTEX_INITIALIZER};
	struct reason why = {""};

	if (stdio_guard_output(&why) < 0)
		errx(1, "%s", why.text);
	options_parse(&options, argc, argv);
	if (document_read(&document, options.document, &why) < 0)
		errx(1, "%s", why.text);
	if ((options.manifest != NULL &&
		images_add_manifest(&document, options.manifest, &why) < 0) ||
	    watch_start(&made, &why) < 0)
		errx(1, "%s", why.text);
	if (stage(&document, &made, &options, &why) < 0 ||
	    document_write(&document, stdout, &why) < 0 ||
	    stdio_finish(&why) < 0) {
		made_abandon(&made);
		errx(1, "%s", why.text);
	}
	made_keep(&made);
	document_free(&document);
	made_free(&made);
	return 0;
}
