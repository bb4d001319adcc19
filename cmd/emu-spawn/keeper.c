#include "keeper.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long QEMU may write nothing. */
static const uint64_t patience_ns = 30000000000;

/* QMP's commands, from qapi/ of QEMU: migrate has fd: since 1.0, events since
 * 2.4, screendump format since 7.1. */
#define EVENTS "{\"capabilities\":[{\"capability\":\"events\",\"state\":true}]}"
#define GETFD \
	{ \
		.command = "getfd", .arguments = "{\"fdname\":\"emu\"}", \
		.passes = true \
	}

static const struct qmp_step load[] = {
    {.command = "migrate-set-capabilities", .arguments = EVENTS},
    GETFD,
    {.command = "migrate-incoming",
	.arguments = "{\"uri\":\"fd:emu\"}",
	.migrates = true},
    {.command = "cont"},
    {0},
};

static const struct qmp_step save[] = {
    {.command = "migrate-set-capabilities", .arguments = EVENTS},
    {.command = "stop"},
    GETFD,
    {.command = "migrate",
	.arguments = "{\"uri\":\"fd:emu\"}",
	.migrates = true},
    {0},
};

static const struct qmp_step dump[] = {
    {.command = "stop"},
    GETFD,
    {.command = "dump-guest-memory",
	.arguments = "{\"paging\":false,\"protocol\":\"fd:emu\"}"},
    {0},
};

#define ADD_FD \
	{ \
		.command = "add-fd", .arguments = "{\"fdset-id\":3}", \
		.passes = true \
	}

static const struct qmp_step show_ppm[] = {
    ADD_FD,
    {.command = "screendump", .arguments = "{\"filename\":\"/dev/fdset/3\"}"},
    {0},
};

static const struct qmp_step show_png[] = {
    ADD_FD,
    {.command = "screendump",
	.arguments = "{\"filename\":\"/dev/fdset/3\",\"format\":\"png\"}"},
    {0},
};

static const char *
name_of(const struct keeper *keeper, enum keeper_job job)
{
	const char *const names[KEEPER_JOBS] = {
	    [KEEPER_LOAD] = keeper->options->load,
	    [KEEPER_SAVE] = keeper->options->save,
	    [KEEPER_CORE] = keeper->options->core,
	    [KEEPER_PICTURE] = keeper->options->picture,
	};

	return names[job];
}

void
keeper_init(struct keeper *keeper, const struct options *options)
{
	*keeper = (struct keeper){
	    .options = options,
	    .saved = state_none,
	    .saving = state_none,
	    .file = {.fd = -1, .dir = -1},
	    .picture = -1,
	};
}

bool
keeper_wanted(const struct options *options)
{
	return options->load != NULL || options->save != NULL ||
	       options->core != NULL || options->picture != NULL;
}

int
keeper_open(struct keeper *keeper, char *const *argv, const char *directory,
    struct reason *why)
{
	const struct options *options = keeper->options;

	if (options->load != NULL &&
	    state_open(&keeper->saved, options->load, argv, directory, why) < 0)
		return -1;
	return options->save == NULL ? 0
				     : state_create(&keeper->saving,
					   options->save, argv, directory, why);
}

int
keeper_greet(struct keeper *keeper, const json_t *greeting, int socket,
    struct reason *why)
{
	const struct options *options = keeper->options;

	if (state_note_version(&keeper->saved, greeting, why) < 0 ||
	    state_note_version(&keeper->saving, greeting, why) < 0)
		return -1;
	/* Before 6.0 QEMU has no such command, and ends after a panic. */
	if ((options->core != NULL || options->picture != NULL) &&
	    qmp_request(socket, "set-action", "{\"panic\":\"pause\"}", -1) < 0)
		return reason_errno(why, "QMP");
	return 0;
}

/* Opens a file that appears under its name when it is whole. */
static int
open_file(struct keeper *keeper, const char *path, struct reason *why)
{
	char *directory = path_directory(path);
	const char *slash = strrchr(path, '/');
	int dir = directory == NULL
		      ? -1
		      : open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = -1;

	if (dir >= 0)
		result = whole_file_open(
		    &keeper->file, dir, slash != NULL ? slash + 1 : path, 0666);
	if (result < 0)
		reason_errno(why, "%s", path);
	if (result < 0 && dir >= 0)
		close(dir);
	free(directory);
	return result;
}

static void
close_file(struct keeper *keeper)
{
	if (keeper->picture >= 0)
		close(keeper->picture);
	keeper->picture = -1;
	if (keeper->file.fd < 0)
		return;
	whole_file_close(&keeper->file);
	close(keeper->file.dir);
}

/* QEMU takes a descriptor for a file to write only if it cannot be read. */
static int
open_picture(struct keeper *keeper, const char *path, struct reason *why)
{
	char self[32];

	if (open_file(keeper, path, why) < 0)
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", keeper->file.fd);
	keeper->picture = open(self, O_WRONLY | O_CLOEXEC);
	return keeper->picture < 0 ? reason_errno(why, "%s", path) : 0;
}

static bool
is_png(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".png") == 0;
}

static int
begin(struct keeper *keeper, enum keeper_job job, struct reason *why)
{
	const char *path = name_of(keeper, job);

	switch (job) {
	case KEEPER_LOAD:
		qmp_steps_begin(&keeper->steps, load, keeper->saved.memory);
		return 0;
	case KEEPER_SAVE:
		qmp_steps_begin(&keeper->steps, save, keeper->saving.memory);
		return 0;
	case KEEPER_CORE:
		if (open_file(keeper, path, why) < 0)
			return -1;
		qmp_steps_begin(&keeper->steps, dump, keeper->file.fd);
		return 0;
	case KEEPER_PICTURE:
		if (open_picture(keeper, path, why) < 0)
			return -1;
		qmp_steps_begin(&keeper->steps,
		    is_png(path) ? show_png : show_ppm, keeper->picture);
		return 0;
	default:
		return 0;
	}
}

int
keeper_begin(struct keeper *keeper, enum keeper_job job, uint64_t now,
    struct reason *why)
{
	if (name_of(keeper, job) == NULL || keeper->done[job])
		return 0;
	keeper->done[job] = true;
	if (begin(keeper, job, why) < 0)
		return -1;
	keeper->job = job;
	keeper->size = 0;
	keeper->due = now + patience_ns;
	return 1;
}

bool
keeper_is_stuck(struct keeper *keeper, uint64_t now)
{
	struct stat st = {0};

	if (now < keeper->due)
		return false;
	keeper->due = now + patience_ns;
	if (fstat(keeper->steps.fd, &st) < 0 ||
	    (uint64_t)st.st_size <= keeper->size)
		return true;
	keeper->size = (uint64_t)st.st_size;
	return false;
}

int
keeper_end(struct keeper *keeper, struct reason *why)
{
	enum keeper_job job = keeper->job;
	const char *path = name_of(keeper, job);
	const struct qmp_steps *steps = &keeper->steps;
	bool whole = !steps->failed && qmp_steps_ended(steps);
	int result = 0;

	keeper->job = KEEPER_NOTHING;
	if (!whole)
		result = reason_set(why, "%s: %s", path,
		    steps->failed ? steps->why.text
				  : "QEMU did not come to an end with it");
	else if (keeper->file.fd >= 0 && whole_file_replace(&keeper->file) < 0)
		result = reason_errno(why, "%s", path);
	close_file(keeper);
	qmp_steps_begin(&keeper->steps, NULL, -1);
	return result;
}

void
keeper_close(struct keeper *keeper)
{
	close_file(keeper);
	state_close(&keeper->saved);
	state_close(&keeper->saving);
}
