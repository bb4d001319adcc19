#include "place.h"

#include "path.h"
#include "sweep.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

static int
open_named(struct place *place, const char *name, struct reason *why)
{
	struct stat st;

	if (stat(name, &st) < 0)
		return reason_errno(why, "%s", name);
	if (!S_ISDIR(st.st_mode))
		return reason_set(why, "%s: Not a directory", name);
	place->path = path_absolute(NULL, name);
	return place->path == NULL ? reason_errno(why, "%s", name) : 0;
}

int
place_open(struct place *place, const char *named, struct reason *why)
{
	int result = leased_dir_choose(&place->run, NULL, "emu-spawn", why);

	if (named == NULL)
		named = variable("EMU_SCRATCH");
	if (named != NULL)
		return open_named(place, named, why);
	if (result < 0)
		return -1;
	place->fresh = true;
	if (asprintf(&place->path, "%s/place", place->run.path) >= 0)
		return 0;
	place->path = NULL;
	return reason_memory(why);
}

int
place_make(struct place *place, const char *socket, struct reason *why)
{
	struct leased_dir *run = &place->run;

	if (run->path == NULL)
		return 0;
	if (leased_dir_make(run, why) < 0)
		return place->fresh ? -1 : 0;
	if (setenv("EMU_SPAWN", run->path, 1) < 0)
		return reason_memory(why);
	if (socket != NULL && sweep_note_socket(run, socket) < 0)
		return reason_errno(why, "%s", run->path);
	if (place->fresh && mkdir(place->path, 0700) < 0)
		return reason_errno(why, "%s", place->path);
	return 0;
}

int
place_close(struct place *place, struct reason *why)
{
	if (place->run.lease < 0)
		return 0;
	int result = leased_dir_remove(&place->run, why);
	leased_dir_close(&place->run);
	return result;
}

void
place_free(struct place *place)
{
	free(place->path);
	leased_dir_close(&place->run);
	*place = (struct place){.run = {.parent = -1, .lease = -1}};
}
