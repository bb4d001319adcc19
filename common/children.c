#include "children.h"

#include "clock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const uint64_t give_up = 3000000000, between_looks = 2000000;

int
children_add(struct children *children, pid_t pid)
{
	if (children->count == children->room) {
		size_t room = children->room * 2 + 16;
		pid_t *list = reallocarray(children->list, room, sizeof(*list));

		if (list == NULL)
			return -1;
		children->list = list;
		children->room = room;
	}
	children->list[children->count++] = pid;
	return 0;
}

void
children_drop(struct children *children, pid_t pid)
{
	for (size_t i = 0; i < children->count; i++) {
		if (children->list[i] == pid) {
			children->list[i] = children->list[--children->count];
			return;
		}
	}
}

bool
children_has(const struct children *children, pid_t pid)
{
	for (size_t i = 0; i < children->count; i++) {
		if (children->list[i] == pid)
			return true;
	}
	return false;
}

void
children_free(struct children *children)
{
	free(children->list);
	*children = (struct children){0};
}

int
children_adopt(struct children *had, struct reason *why)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return reason_errno(why, "subreaper");
	if (children_list(had) < 0)
		return reason_errno(why, "/proc");
	return 0;
}

/* From the field behind its name and state; the name may hold anything,
 * parentheses too. */
pid_t
children_parent(pid_t pid)
{
	char path[32], text[512] = "";
	pid_t parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	FILE *f = fopen(path, "re");
	if (f == NULL)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	const char *end = strrchr(text, ')');
	if (end != NULL && strlen(end) > 4)
		parent = (pid_t)strtol(end + 4, NULL, 10);
	return parent;
}

static int
search(struct children *children)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int result = 0;

	if (proc == NULL)
		return -1;
	while (result == 0 && (entry = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && children_parent(pid) == getpid())
			result = children_add(children, pid);
	}
	closedir(proc);
	return result;
}

int
children_list(struct children *children)
{
	FILE *f = fopen("/proc/thread-self/children", "re");
	int result = 0, pid;

	children->count = 0;
	if (f == NULL)
		return search(children);
	while (result == 0 && fscanf(f, "%d", &pid) == 1)
		result = children_add(children, (pid_t)pid);
	fclose(f);
	return result;
}

void
children_ask(pid_t pid, int signal)
{
	if (kill(pid, signal) == 0)
		kill(pid, SIGCONT);
}

static int
look(struct children_ending *ending, bool reaping, pid_t *some)
{
	struct children children = {0};
	bool late = clock_now() >= ending->kill_at;
	int count = 0;

	if (children_list(&children) < 0)
		count = -1;
	for (size_t i = 0; i < children.count; i++) {
		pid_t pid = children.list[i];

		if (children_has(&ending->spared, pid))
			continue;
		*some = pid;
		count += count >= 0;
		if (reaping && waitpid(pid, NULL, WNOHANG) == pid)
			children_drop(&ending->asked, pid);
		else if (late)
			kill(pid, SIGKILL);
		else if (!children_has(&ending->asked, pid) &&
			 children_add(&ending->asked, pid) == 0)
			children_ask(pid, SIGTERM);
	}
	children_free(&children);
	return count;
}

int
children_end(struct children_ending *ending, pid_t *some)
{
	return look(ending, false, some);
}

bool
children_too_late(
    const struct children_ending *ending, pid_t some, struct reason *why)
{
	char path[48], name[64] = "?";

	uint64_t now = clock_now();

	if (now < ending->kill_at || now - ending->kill_at < give_up)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)some);
	FILE *f = fopen(path, "re");
	if (f != NULL) {
		if (fgets(name, sizeof(name), f) != NULL)
			name[strcspn(name, "\n")] = '\0';
		fclose(f);
	}
	reason_set(why, "process %d (%s) does not end", (int)some, name);
	return true;
}

int
children_bury(struct children_ending *ending, struct reason *why)
{
	pid_t some = 0;

	ending->kill_at = clock_now();
	while (look(ending, true, &some) != 0) {
		if (children_too_late(ending, some, why))
			return -1;
		clock_sleep(between_looks);
	}
	return 0;
}
