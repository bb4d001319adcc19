#include "job.h"

int
job_plan(
    struct job *job, int fd, const char *name, uint64_t size, uint64_t length)
{
	struct reason why = {""};

	*job = (struct job){.name = name,
	    .size = size,
	    .length = length,
	    .grow = size < length};
	job->state = volume_read(fd, size, &job->volume, &job->kind, &why);
	if (job->state != VOLUME_SOUND) {
		reason_set(&job->why, "%s: %s", name, why.text);
		return job->grow ? -1 : 0;
	}
	job->move = (struct move){.volume = &job->volume, .length = length};
	if (job->grow && growth_plan(&job->volume.geometry, length,
			     &job->move.grown, &why) < 0) {
		job->state = VOLUME_FAILED;
		return reason_set(&job->why, "%s: %s", name, why.text);
	}
	return 0;
}

void
job_free(struct job *job)
{
	volume_free(&job->volume);
}
