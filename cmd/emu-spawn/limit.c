#include "limit.h"

#include "file_io.h"

#include <dirent.h>
#include <stdio.h>

uint64_t
limit_run_delay(pid_t pid)
{
	char path[300], text[100];
	unsigned long long ran, waited;
	uint64_t sum = 0;
	int len = snprintf(path, sizeof(path), "/proc/%d/task/", (int)pid);

	DIR *tasks = opendir(path);
	if (tasks == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(tasks)) != NULL;) {
		snprintf(path + len, sizeof(path) - (size_t)len, "%s/schedstat",
		    e->d_name);
		file_head(path, text, sizeof(text));
		if (sscanf(text, "%llu %llu", &ran, &waited) == 2)
			sum += waited;
	}
	closedir(tasks);
	return sum;
}

void
limit_start(struct limit *limit, uint64_t now, uint64_t delay)
{
	limit->start = now;
	limit->delay = delay;
	limit->extra = 0;
}

uint64_t
limit_due(const struct limit *limit)
{
	return limit->length == 0 ? UINT64_MAX
				  : limit->start + limit->length + limit->extra;
}

void
limit_extend(struct limit *limit, uint64_t delay)
{
	uint64_t waited = delay > limit->delay ? delay - limit->delay : 0;

	if (waited > limit->length)
		waited = limit->length;
	/* Threads that ended take their share with them. */
	if (waited > limit->extra)
		limit->extra = waited;
}
