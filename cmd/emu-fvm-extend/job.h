#ifndef JOB_H
#define JOB_H

#include "move.h"
#include "volume.h"

#include <stdbool.h>
#include <stdint.h>

/* What is to be done with one image. */
struct job {
	const char *name; /* for messages; borrowed */
	uint64_t size;    /* of the file now */
	uint64_t length;  /* wanted */
	bool grow;        /* false: the file is large enough as it is */
	enum volume_state state;
	const struct magic *kind; /* of a file that is no FVM; may be NULL */
	struct volume volume;     /* when sound */
	struct reason why;        /* when not, with the name */
	struct move move;         /* when sound and to grow */
};

/* Looks at a file of that size and decides. Returns 0 when there is nothing to
 * do or it can be done, else -1 with the reason in job->why, and the state says
 * what kind of failure it is. job_free either way. */
int job_plan(
    struct job *job, int fd, const char *name, uint64_t size, uint64_t length);
void job_free(struct job *job);

#endif
