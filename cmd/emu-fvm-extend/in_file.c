#include "in_file.h"

#include "../fatal.h"
#include "confinement.h"
#include "plan.h"
#include "replace.h"
#include "report.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Does what needs only to read: -n, and -I, which prints the metadata; without
 * a valid copy of it, that is an error all the same. */
static void
look(const struct options *options)
{
	struct plan plan;
	struct stat st;
	int fd =
	    open(options->image, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		fatal_errno(options->image);
	if (!S_ISREG(st.st_mode))
		fatal("%s: not a regular file", options->image);
	confinement_enter(-1);
	bool fine = plan_make(
	    &plan, fd, options->image, (uint64_t)st.st_size, options->length);
	if (options->info) {
		fine = plan.volume.metadata != NULL;
		if (fine || plan.volume.copies[0].found)
			report_volume(stdout, &plan);
	}
	fatal_if(!fine, &plan.why);
	if (!options->info)
		report_plan(stdout, &plan, false, options->json);
	plan_free(&plan);
	close(fd);
}

static void
replace(const struct options *options)
{
	struct replace r;
	struct plan plan;

	/* Opens all there will be to open, then gives up the right to. */
	replace_open(&r, options->image, options->scale);
	bool grows = (uint64_t)r.st.st_size < options->length;
	if (grows)
		replace_begin(&r);
	confinement_enter(grows ? r.directory : -1);
	fatal_if(!plan_make(&plan, r.old, options->image,
		     (uint64_t)r.st.st_size, options->length),
	    &plan.why);
	if (grows) {
		move_into(&plan.move, r.old, r.name, r.new.fd, r.name);
		replace_commit(&r);
	}
	if (options->verbose)
		report_plan(stderr, &plan, true, options->json);
	plan_free(&plan);
	replace_close(&r);
}

void
in_file(const struct options *options)
{
	(options->info || options->dry ? look : replace)(options);
}
