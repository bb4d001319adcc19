#include "children.h"

#include "clock.h"
#include "file_io.h"
#include "system_calls.h"

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
	char path[32], text[512];

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file_head(path, text, sizeof(text));
	const char *end = strrchr(text, ')');
	return end != NULL && strlen(end) > 4 ? (pid_t)strtol(end + 4, NULL, 10)
					      : 0;
}

struct children_name
children_name(pid_t pid)
{
	struct children_name name;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	if (file_head(path, name.text, sizeof(name.text)) <= 0)
		strcpy(name.text, "?");
	name.text[strcspn(name.text, "\n")] = '\0';
	return name;
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

int
children_end(struct children_ending *ending, bool reaping, pid_t *some)
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

bool
children_too_late(
    const struct children_ending *ending, pid_t some, struct reason *why)
{
	struct children_name name;
	uint64_t now = clock_now();

	if (now < ending->kill_at || now - ending->kill_at < give_up)
		return false;
	name = children_name(some);
	reason_set(why, "process %d (%s) does not end", (int)some, name.text);
	return true;
}

void
children_dismiss(pid_t pid, uint64_t patience)
{
	if (pid <= 0)
		return;
	/* A negative one (valgrind knows no pidfd) is not polled. */
	struct pollfd ended = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	clock_poll(&ended, 1, clock_now() + patience);
	if (ended.fd >= 0)
		close(ended.fd);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int
children_bury(struct children_ending *ending, struct reason *why)
{
	pid_t some = 0;

	ending->kill_at = clock_now();
	while (children_end(ending, true, &some) != 0) {
		if (children_too_late(ending, some, why))
			return -1;
		clock_sleep(between_looks);
	}
	return 0;
}
