#include "groups.h"

#include <stdlib.h>
#include <string.h>

static int
compare_ends(const struct run *x, const struct run *y)
{
	int order = strcmp(x->cause, y->cause);

	return order != 0 ? order
			  : (x->status > y->status) - (x->status < y->status);
}

/* Alike ones together, in their order, which is that of their places. */
static int
compare_runs(const void *a, const void *b)
{
	const struct run *x = *(const struct run *const *)a;
	const struct run *y = *(const struct run *const *)b;
	int order = compare_ends(x, y);

	return order != 0 ? order : (x > y) - (x < y);
}

static int
compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->passed != y->passed)
		return x->passed ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return strcmp(x->cause, y->cause);
}

static int
compare_seconds(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int
measure(struct group *group)
{
	double *seconds = calloc(group->count, sizeof(*seconds));
	size_t known = 0;

	if (seconds == NULL)
		return -1;
	for (size_t i = 0; i < group->count; i++) {
		if (group->runs[i]->end >= 0)
			seconds[known++] = group->runs[i]->end;
	}
	group->least = group->median = group->most = -1;
	if (known > 0) {
		qsort(seconds, known, sizeof(*seconds), compare_seconds);
		group->least = seconds[0];
		group->median =
		    (seconds[(known - 1) / 2] + seconds[known / 2]) / 2;
		group->most = seconds[known - 1];
	}
	free(seconds);
	return 0;
}

static int
cut(struct groups *groups)
{
	struct group *group = NULL;

	for (size_t i = 0; i < groups->runs; i++) {
		const struct run *run = groups->sorted[i];

		groups->passed += run->passed;
		if (group == NULL || compare_ends(group->runs[0], run) != 0) {
			group = &groups->list[groups->count++];
			*group = (struct group){.cause = run->cause,
			    .status = run->status,
			    .whole = run->whole,
			    .passed = run->passed,
			    .runs = groups->sorted + i};
		}
		group->count++;
	}
	for (size_t i = 0; i < groups->count; i++) {
		if (measure(&groups->list[i]) < 0)
			return -1;
	}
	return 0;
}

int
groups_make(struct groups *groups, const struct runs *runs, struct reason *why)
{
	*groups = (struct groups){.runs = runs->count};
	groups->sorted = calloc(runs->count + 1, sizeof(*groups->sorted));
	groups->list = calloc(runs->count + 1, sizeof(*groups->list));
	if (groups->sorted == NULL || groups->list == NULL)
		return reason_memory(why);
	for (size_t i = 0; i < runs->count; i++)
		groups->sorted[i] = &runs->list[i];
	qsort(
	    groups->sorted, runs->count, sizeof(*groups->sorted), compare_runs);
	if (cut(groups) < 0)
		return reason_memory(why);
	qsort(
	    groups->list, groups->count, sizeof(*groups->list), compare_groups);
	return 0;
}

void
groups_free(struct groups *groups)
{
	free(groups->list);
	free(groups->sorted);
}
