#include "limit.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static uint64_t
thread_delay(int tasks, const char *thread)
{
	char path[300], text[100];
	unsigned long long ran, waited;

	snprintf(path, sizeof(path), "%s/schedstat", thread);
	int fd = openat(tasks, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	return sscanf(text, "%llu %llu", &ran, &waited) == 2 ? waited : 0;
}

uint64_t
limit_run_delay(pid_t pid)
{
	char path[32];
	uint64_t sum = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	DIR *tasks = opendir(path);
	if (tasks == NULL)
		return 0;
	for (struct dirent *e; (e = readdir(tasks)) != NULL;)
		if (e->d_name[0] != '.')
			sum += thread_delay(dirfd(tasks), e->d_name);
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
