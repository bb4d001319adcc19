#include "place.h"

#include "path.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_DIRECTORIES = 16 };

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

int
place_open(struct place *place, const char *named, struct reason *why)
{
	const char *parent = variable("TMPDIR");

	*place = (struct place){0};
	if (named == NULL)
		named = variable("EMU_SCRATCH");
	if (named != NULL) {
		struct stat st;

		if (stat(named, &st) < 0)
			return reason_errno(why, "%s", named);
		if (!S_ISDIR(st.st_mode))
			return reason_set(why, "%s: Not a directory", named);
		place->path = path_absolute(NULL, named);
		return place->path == NULL ? reason_errno(why, "%s", named) : 0;
	}
	if (parent == NULL)
		parent = "/var/tmp";
	if (asprintf(&place->path, "%s/emu-spawn-XXXXXX", parent) < 0) {
		place->path = NULL;
		return reason_errno(why, "%s", parent);
	}
	place->fresh = mkdtemp(place->path) != NULL;
	return place->fresh ? 0 : reason_errno(why, "%s", parent);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int
place_close(struct place *place, struct reason *why)
{
	if (!place->fresh)
		return 0;
	/* Nearly always empty, and this needs no memory. */
	if (rmdir(place->path) < 0 &&
	    nftw(place->path, remove_one, OPEN_DIRECTORIES,
		FTW_DEPTH | FTW_PHYS | FTW_MOUNT) < 0)
		return reason_errno(why, "%s", place->path);
	place->fresh = false;
	return 0;
}

void
place_free(struct place *place)
{
	free(place->path);
	*place = (struct place){0};
}
