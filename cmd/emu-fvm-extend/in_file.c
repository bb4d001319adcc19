#include "in_file.h"

#include "confinement.h"
#include "plan.h"
#include "replace.h"
#include "report.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
grow(struct plan *plan, struct replace *r, struct reason *why)
{
	if (move_into(&plan->move, r->old, r->name, r->new.fd, r->name, why) <
	    0)
		return -1;
	return replace_commit(r, why);
}

/* Prints the metadata; without a valid copy of it, that is an error all the
 * same. */
static int
inspect(const struct plan *plan, struct reason *why)
{
	const struct volume *v = &plan->volume;

	if ((v->metadata != NULL || v->copies[0].found) &&
	    report_volume(stdout, plan, why) < 0)
		return -1;
	if (v->metadata != NULL)
		return 0;
	*why = plan->why;
	return -1;
}

/* What needs only to read. */
static int
look(const struct options *options, struct reason *why)
{
	struct plan plan = {0};
	struct stat st;
	int result = -1;
	int fd =
	    open(options->image, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0) {
		reason_errno(why, "%s", options->image);
	} else if (!S_ISREG(st.st_mode)) {
		reason_set(why, "%s: not a regular file", options->image);
	} else if (confinement_enter(-1, why) == 0) {
		result = plan_make(&plan, fd, options->image,
		    (uint64_t)st.st_size, options->length);
		if (options->info)
			result = inspect(&plan, why);
		else if (result < 0)
			*why = plan.why;
		else
			result = report_plan(
			    stdout, &plan, false, options->json, why);
	}
	plan_free(&plan);
	if (fd >= 0)
		close(fd);
	return result;
}

/* Opens all there will be to open, then gives up the right to. */
static int
open_files(const struct options *options, struct replace *r, struct reason *why)
{
	if (replace_open(r, options->image, options->scale, why) < 0)
		return -1;
	if ((uint64_t)r->st.st_size >= options->length)
		return confinement_enter(-1, why);
	if (replace_begin(r, why) < 0)
		return -1;
	return confinement_enter(r->directory, why);
}

static int
replace(const struct options *options, struct reason *why)
{
	struct plan plan = {0};
	struct replace r;
	int result = -1;

	if (open_files(options, &r, why) < 0)
		goto out;
	if (plan_make(&plan, r.old, options->image, (uint64_t)r.st.st_size,
		options->length) < 0) {
		*why = plan.why;
		goto out;
	}
	if (plan.grow && grow(&plan, &r, why) < 0)
		goto out;
	result = options->verbose
		     ? report_plan(stderr, &plan, true, options->json, why)
		     : 0;
out:
	plan_free(&plan);
	replace_close(&r);
	return result;
}

int
in_file(const struct options *options, struct reason *why)
{
	return (options->info || options->dry ? look : replace)(options, why);
}
