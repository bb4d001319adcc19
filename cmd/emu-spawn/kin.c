#include "kin.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PAUSE_NS = 2000000,
	PAUSES = 500,
};

static FILE *
open_children(void)
{
	char path[64];

	snprintf(
	    path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	return fopen(path, "re");
}

int
kin_spare(struct kin *kin, pid_t pid)
{
	pid_t *list = reallocarray(kin->spared, kin->count + 1, sizeof(*list));

	if (list == NULL)
		return -1;
	kin->spared = list;
	list[kin->count++] = pid;
	return 0;
}

void
kin_unspare(struct kin *kin, pid_t pid)
{
	for (size_t i = 0; i < kin->count; i++)
		if (kin->spared[i] == pid)
			kin->spared[i] = kin->spared[--kin->count];
}

int
kin_open(struct kin *kin)
{
	FILE *f = open_children();
	int pid, result = 0;

	*kin = (struct kin){0};
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	while (f != NULL && result == 0 && fscanf(f, "%d", &pid) == 1)
		result = kin_spare(kin, pid);
	if (f != NULL)
		fclose(f);
	return result;
}

void
kin_close(struct kin *kin)
{
	free(kin->spared);
	*kin = (struct kin){0};
}

static bool
spared(const struct kin *kin, pid_t pid)
{
	for (size_t i = 0; i < kin->count; i++)
		if (kin->spared[i] == pid)
			return true;
	return false;
}

/* Returns how many there were: also one that is reaped may have left us
 * children of its own. */
static int
kill_others(const struct kin *kin)
{
	FILE *f = open_children();
	int pid, count = 0;

	while (f != NULL && fscanf(f, "%d", &pid) == 1) {
		if (spared(kin, pid))
			continue;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, WNOHANG);
		count++;
	}
	if (f != NULL)
		fclose(f);
	return count;
}

void
kin_bury(const struct kin *kin)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	for (int i = 0; i < PAUSES && kill_others(kin) > 0; i++)
		nanosleep(&pause, NULL);
}
