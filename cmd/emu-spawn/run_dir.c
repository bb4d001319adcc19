#include "run_dir.h"

#include "../fatal.h"
#include "sweep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
open_named(const char *name)
{
	struct stat st;

	if (stat(name, &st) < 0)
		fatal_errno(name);
	if (!S_ISDIR(st.st_mode))
		fatal("%s: %s", name, strerror(ENOTDIR));
	/* Else the child would say so, of the whole path. */
	const char *path = access(name, X_OK) < 0 ? NULL : realpath(name, NULL);
	if (path == NULL)
		fatal_errno(name);
	return path;
}

void
run_dir_open(struct run_dir *dir, const char *named, bool own_command)
{
	const char *scratch = getenv("EMU_SCRATCH");
	struct reason why;
	int result = leased_dir_choose(&dir->lease, NULL, "emu-spawn", &why);
	char *fresh;

	if (named == NULL && own_command) {
		dir->path = getcwd(NULL, 0); /* for the record */
		return;
	}
	if (named == NULL && scratch != NULL && scratch[0] != '\0')
		named = scratch;
	if (named != NULL) {
		dir->target = dir->path = open_named(named);
		return;
	}
	fatal_if(result < 0, &why);
	if (asprintf(&fresh, "%s/emulator", dir->lease.path) < 0)
		fatal_memory();
	dir->target = dir->path = fresh;
	dir->fresh = true;
}

void
run_dir_make(struct run_dir *dir, const char *socket)
{
	struct leased_dir *lease = &dir->lease;
	struct reason why;

	if (lease->path == NULL)
		return;
	if (leased_dir_make(lease, &why) < 0) {
		fatal_if(dir->fresh, &why);
		return;
	}
	if (setenv("EMU_SPAWN", lease->path, 1) < 0)
		fatal_memory();
	if (socket != NULL && sweep_note_socket(lease, socket) < 0)
		fatal_errno(lease->path);
	if (dir->fresh && mkdir(dir->path, 0700) < 0)
		fatal_errno(dir->path);
}
