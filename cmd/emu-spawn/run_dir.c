#include "run_dir.h"

#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static int
open_named(struct run_dir *dir, const char *name, struct reason *why)
{
	struct stat st;

	if (stat(name, &st) < 0)
		return reason_errno(why, "%s", name);
	if (!S_ISDIR(st.st_mode))
		return reason_set(why, "%s: Not a directory", name);
	/* Else the child would say so, of the whole path. */
	if (access(name, X_OK) < 0)
		return reason_errno(why, "%s", name);
	dir->path = realpath(name, NULL);
	return dir->path == NULL ? reason_errno(why, "%s", name) : 0;
}

int
run_dir_open(struct run_dir *dir, const char *named, bool own_command,
    struct reason *why)
{
	int result = leased_dir_choose(&dir->lease, NULL, "emu-spawn", why);

	if (named == NULL && own_command) {
		dir->caller = true;
		dir->path = getcwd(NULL, 0); /* for the record */
		return 0;
	}
	if (named == NULL)
		named = variable("EMU_SCRATCH");
	if (named != NULL)
		return open_named(dir, named, why);
	if (result < 0)
		return -1;
	dir->fresh = true;
	if (asprintf(&dir->path, "%s/emulator", dir->lease.path) >= 0)
		return 0;
	dir->path = NULL;
	return reason_memory(why);
}

int
run_dir_make(struct run_dir *dir, const char *socket, struct reason *why)
{
	struct leased_dir *lease = &dir->lease;

	if (lease->path == NULL)
		return 0;
	if (leased_dir_make(lease, why) < 0)
		return dir->fresh ? -1 : 0;
	if (setenv("EMU_SPAWN", lease->path, 1) < 0)
		return reason_memory(why);
	if (socket != NULL && sweep_note_socket(lease, socket) < 0)
		return reason_errno(why, "%s", lease->path);
	if (dir->fresh && mkdir(dir->path, 0700) < 0)
		return reason_errno(why, "%s", dir->path);
	return 0;
}

int
run_dir_leave(struct run_dir *dir, struct reason *why)
{
	return dir->lease.lease < 0 ? 0 : leased_dir_remove(&dir->lease, why);
}
