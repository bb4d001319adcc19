#include "oom.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 4096 };

/* Where each version of cgroups counts, and how /proc/self/cgroup marks the
 * line of its group (ID:CONTROLLERS:PATH). */
static const struct {
	const char *mark, *mount, *file;
} versions[] = {
    {"::", "/sys/fs/cgroup", "memory.events"},
    {":memory:", "/sys/fs/cgroup/memory", "memory.oom_control"},
};

/* Reads the begin of a file, without stdio, which costs every run more memory
 * than the rest of this. Returns whether there is one. */
static bool
read_text(const char *path, char text[TEXT])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, TEXT - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

static bool
read_counter(
    const char *mount, const char *group, const char *file, uint64_t *kills)
{
	static const char key[] = "oom_kill ";
	char path[PATH_MAX], text[TEXT];

	snprintf(path, sizeof(path), "%s%.*s/%s", mount,
	    (int)strcspn(group, "\n"), group, file);
	const char *at = read_text(path, text) ? strstr(text, key) : NULL;
	if (at != NULL)
		*kills = strtoull(at + strlen(key), NULL, 10);
	return at != NULL;
}

uint64_t
oom_kills(void)
{
	char groups[TEXT];
	uint64_t kills = 0;

	read_text("/proc/self/cgroup", groups);
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		const char *mount = versions[i].mount, *file = versions[i].file;
		const char *at = strstr(groups, versions[i].mark);

		if (at == NULL)
			continue;
		/* A container may see its own group as the root of what is
		 * mounted. */
		if (read_counter(
			mount, at + strlen(versions[i].mark), file, &kills) ||
		    read_counter(mount, "", file, &kills))
			break;
	}
	return kills;
}
