#include "sweep.h"

#include "orphans.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether we run inside that directory ourselves. */
static bool
our_own(const char *name)
{
	const char *scratch = getenv("EMU_SCRATCH");

	return scratch != NULL && strstr(scratch, name) != NULL;
}

static void
remove_left(const struct scratch *chosen, const char *name)
{
	struct scratch left = {.parent = chosen->parent};
	struct reason why = {""};
	int lease = scratch_lease(chosen->parent, name);

	if (lease < 0)
		return;
	orphans_end(name);
	if (asprintf(&left.path, "%.*s%s", (int)(chosen->name - chosen->path),
		chosen->path, name) >= 0) {
		left.name = strrchr(left.path, '/') + 1;
		scratch_remove(&left, lease, &why);
		free(left.path);
	}
	close(lease);
}

void
sweep(const struct scratch *chosen)
{
	const struct dirent *entry;
	int fd =
	    openat(chosen->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (entries == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(entries)) != NULL) {
		if (scratch_sweepable(entry->d_name) && !our_own(entry->d_name))
			remove_left(chosen, entry->d_name);
	}
	closedir(entries);
}
