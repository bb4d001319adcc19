#include "children.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
pids_add(struct pids *pids, pid_t pid)
{
	if (pids->count == pids->room) {
		size_t room = pids->room * 2 + 16;
		pid_t *list = reallocarray(pids->list, room, sizeof(*list));

		if (list == NULL)
			return -1;
		pids->list = list;
		pids->room = room;
	}
	pids->list[pids->count++] = pid;
	return 0;
}

void
pids_drop(struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++) {
		if (pids->list[i] == pid) {
			pids->list[i] = pids->list[--pids->count];
			return;
		}
	}
}

bool
pids_has(const struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++) {
		if (pids->list[i] == pid)
			return true;
	}
	return false;
}

void
pids_free(struct pids *pids)
{
	free(pids->list);
	*pids = (struct pids){0};
}

/* Reads the numbers in a file of /proc, separated by blanks. */
static int
read_numbers(int fd, struct pids *pids)
{
	char buffer[4096];
	pid_t number = 0;
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		for (ssize_t i = 0; i < n; i++) {
			if (isdigit((unsigned char)buffer[i])) {
				number = number * 10 + (buffer[i] - '0');
			} else if (number != 0) {
				if (pids_add(pids, number) < 0)
					return -1;
				number = 0;
			}
		}
	}
	return number != 0 ? pids_add(pids, number) : 0;
}

/* From the field behind its name and state; the name may hold anything,
 * parentheses too. */
pid_t
children_parent(const char *pid)
{
	char path[64], text[512];
	ssize_t n;
	long parent = 0;

	snprintf(path, sizeof(path), "/proc/%.32s/stat", pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const char *end = strrchr(text, ')');
	if (end != NULL && strlen(end) > 4)
		parent = strtol(end + 4, NULL, 10);
	return (pid_t)parent;
}

static int
search(struct pids *pids)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int result = 0;

	if (proc == NULL)
		return -1;
	while (result == 0 && (entry = readdir(proc)) != NULL) {
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    children_parent(entry->d_name) == getpid())
			result = pids_add(
			    pids, (pid_t)strtol(entry->d_name, NULL, 10));
	}
	closedir(proc);
	return result;
}

int
children_list(struct pids *children)
{
	int fd = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
	int result = -1;

	children->count = 0;
	if (fd >= 0) {
		result = read_numbers(fd, children);
		close(fd);
	}
	if (result < 0) {
		children->count = 0;
		result = search(children);
	}
	return result;
}
