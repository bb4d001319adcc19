#include "plan.h"

bool
plan_make(
    struct plan *plan, int fd, const char *name, uint64_t size, uint64_t length)
{
	struct reason why;

	*plan = (struct plan){.name = name,
	    .size = size,
	    .length = length,
	    .grow = size < length};
	plan->state = volume_read(fd, size, &plan->volume, &plan->kind, &why);
	if (plan->state == VOLUME_SOUND) {
		if (!plan->grow || growth_plan(&plan->volume.geometry, length,
				       &plan->grown, &why) == 0)
			return true;
		plan->state = VOLUME_BROKEN;
	}
	reason_set(&plan->why, "%s: %s", name, why.text);
	return !plan->grow;
}

void
plan_free(struct plan *plan)
{
	volume_free(&plan->volume);
}
