#include "oom.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 4096 };

/* Reads the begin of a file, without stdio, which costs every run more memory
 * than the rest of this. Returns whether there is one. */
static bool
read_text(const char *path, char text[TEXT])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, TEXT - 1);

	if (fd >= 0)
		close(fd);
	if (n >= 0)
		text[n] = '\0';
	return n >= 0;
}

static bool
read_counter(const char *path, uint64_t *kills)
{
	static const char key[] = "oom_kill ";
	char text[TEXT];

	if (!read_text(path, text))
		return false;
	const char *at = strstr(text, key);
	if (at != NULL)
		*kills = strtoull(at + strlen(key), NULL, 10);
	return at != NULL;
}

/* A container may see its own cgroup as the root of what is mounted. */
static bool
read_below(
    const char *mount, const char *group, const char *name, uint64_t *kills)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s%s/%s", mount, group, name);
	if (read_counter(path, kills))
		return true;
	snprintf(path, sizeof(path), "%s/%s", mount, name);
	return read_counter(path, kills);
}

/* The line of /proc/self/cgroup is ID:CONTROLLERS:PATH, version 2 without
 * controllers. */
static bool
read_group(char *line, uint64_t *kills)
{
	char *controllers = strchr(line, ':');
	char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;

	if (group == NULL)
		return false;
	*group++ = '\0';
	if (controllers[1] == '\0')
		return read_below(
		    "/sys/fs/cgroup", group, "memory.events", kills);
	return strcmp(controllers + 1, "memory") == 0 &&
	       read_below(
		   "/sys/fs/cgroup/memory", group, "memory.oom_control", kills);
}

uint64_t
oom_kills(void)
{
	char text[TEXT], *line = text;
	uint64_t kills = 0;
	bool found = false;

	if (!read_text("/proc/self/cgroup", text))
		return 0;
	while (!found && line != NULL) {
		char *next = strchr(line, '\n');

		if (next != NULL)
			*next++ = '\0';
		found = read_group(line, &kills);
		line = next;
	}
	return kills;
}
