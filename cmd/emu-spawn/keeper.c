#include "keeper.h"

#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long QEMU may write nothing. */
static const uint64_t patience_ns = 30000000000;

/* A command of a row; the last one has none. */
struct keeper_step {
	const char *command;
	const char *arguments; /* the text of an object, or NULL */
	enum {
		PASSES = 1,   /* the descriptor goes with it */
		MIGRATES = 2, /* done when a MIGRATION event says so */
	} how;
};

/* Rows that stand for a job where QEMU or the file's name wants another. */
enum { LOAD_FILE = KEEPER_JOBS, SAVE_FILE, PICTURE_PNG, ROWS };

static const char events[] =
    "{\"capabilities\":[{\"capability\":\"events\",\"state\":true}]}";

/* QMP's commands, from qapi/ of QEMU: migrate has fd: since 1.0, which is not
 * for files since 9.1, and file: since 8.2; events since 2.4; screendump format
 * since 7.1. */
static const struct keeper_step rows[ROWS][6] = {
    [KEEPER_LOAD] = {{"migrate-set-capabilities", events, 0},
	{"getfd", "{\"fdname\":\"emu\"}", PASSES},
	{"migrate-incoming", "{\"uri\":\"fd:emu\"}", MIGRATES},
	{"cont", NULL, 0}},
    [LOAD_FILE] = {{"migrate-set-capabilities", events, 0},
	{"add-fd", "{\"fdset-id\":1}", PASSES},
	{"migrate-incoming", "{\"uri\":\"file:/dev/fdset/1\"}", MIGRATES},
	{"cont", NULL, 0}},
    [KEEPER_SAVE] = {{"migrate-set-capabilities", events, 0}, {"stop", NULL, 0},
	{"getfd", "{\"fdname\":\"emu\"}", PASSES},
	{"migrate", "{\"uri\":\"fd:emu\"}", MIGRATES}},
    [SAVE_FILE] = {{"migrate-set-capabilities", events, 0}, {"stop", NULL, 0},
	{"add-fd", "{\"fdset-id\":2}", PASSES},
	{"migrate", "{\"uri\":\"file:/dev/fdset/2\"}", MIGRATES}},
    [KEEPER_CORE] = {{"stop", NULL, 0},
	{"getfd", "{\"fdname\":\"emu\"}", PASSES},
	{"dump-guest-memory", "{\"paging\":false,\"protocol\":\"fd:emu\"}", 0}},
    [KEEPER_PICTURE] = {{"add-fd", "{\"fdset-id\":3}", PASSES},
	{"screendump", "{\"filename\":\"/dev/fdset/3\"}", 0}},
    [PICTURE_PNG] = {{"add-fd", "{\"fdset-id\":3}", PASSES},
	{"screendump", "{\"filename\":\"/dev/fdset/3\",\"format\":\"png\"}",
	    0}},
};

void
keeper_init(struct keeper *keeper, const struct options *options)
{
	*keeper = (struct keeper){
	    .paths = {[KEEPER_LOAD] = options->load,
		[KEEPER_SAVE] = options->save,
		[KEEPER_CORE] = options->core,
		[KEEPER_PICTURE] = options->picture},
	    .saved = state_none,
	    .saving = state_none,
	    .file = {.fd = -1, .dir = -1},
	    .fd = -1,
	};
}

int
keeper_open(struct keeper *keeper, char *const *argv, const char *directory,
    bool qmp, struct reason *why)
{
	const char *load = keeper->paths[KEEPER_LOAD];

	for (int job = 0; job < KEEPER_JOBS; job++)
		if (keeper->paths[job] != NULL && !qmp)
			return reason_set(why, "-D, -P, -Z and -z need QMP: a "
					       "-chardev with fd=3");
	if (load != NULL &&
	    state_open(&keeper->saved, load, argv, directory, why) < 0)
		return -1;
	return keeper->paths[KEEPER_SAVE] == NULL
		   ? 0
		   : state_begin(&keeper->saving, argv, directory, why);
}

int
keeper_greet(
    struct keeper *keeper, json_t *greeting, int socket, struct reason *why)
{
	int major = 0, minor = 0, micro = 0;
	char version[40];

	/* A greeting without its version is of none that is known. */
	json_unpack(greeting, "{s:{s:{s:{s:i, s:i, s:i}}}}", "QMP", "version",
	    "qemu", "major", &major, "minor", &minor, "micro", &micro);
	snprintf(version, sizeof(version), "%d.%d.%d", major, minor, micro);
	keeper->file_uri = major > 9 || (major == 9 && minor >= 1);
	if (state_note_version(&keeper->saved, version, why) < 0 ||
	    state_note_version(&keeper->saving, version, why) < 0)
		return -1;
	/* Before 6.0 QEMU has no such command, and ends after a panic. */
	if ((keeper->paths[KEEPER_CORE] != NULL ||
		keeper->paths[KEEPER_PICTURE] != NULL) &&
	    qmp_send(
		socket, "set-action", "panic", "{\"panic\":\"pause\"}", -1) < 0)
		return reason_errno(why, "QMP");
	return 0;
}

/* Opens a file that appears under its name when it is whole. */
static int
open_file(struct keeper *keeper, const char *path)
{
	const char *name;
	int dir = path_open_parent(path, &name);

	if (dir < 0)
		return -1;
	int result = whole_file_open(&keeper->file, dir, name, 0666);
	if (result < 0)
		close(dir);
	return result;
}

/* The descriptor that QEMU gets. Of an fdset it takes one to write only if it
 * cannot be read. */
static int
open_for(struct keeper *keeper, enum keeper_job job)
{
	char self[32];

	if (job == KEEPER_LOAD)
		return fcntl(keeper->saved.memory, F_DUPFD_CLOEXEC, 0);
	if (job == KEEPER_SAVE)
		return fcntl(keeper->saving.memory, F_DUPFD_CLOEXEC, 0);
	if (open_file(keeper, keeper->paths[job]) < 0)
		return -1;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", keeper->file.fd);
	return open(self, O_WRONLY | O_CLOEXEC);
}

static const struct keeper_step *
row_of(const struct keeper *keeper, enum keeper_job job)
{
	const char *path = keeper->paths[job];
	size_t len = strlen(path);

	if (job == KEEPER_PICTURE && len > 4 &&
	    strcmp(path + len - 4, ".png") == 0)
		return rows[PICTURE_PNG];
	if (keeper->file_uri && job == KEEPER_LOAD)
		return rows[LOAD_FILE];
	if (keeper->file_uri && job == KEEPER_SAVE)
		return rows[SAVE_FILE];
	return rows[job];
}

int
keeper_begin(struct keeper *keeper, enum keeper_job job, uint64_t now,
    struct reason *why)
{
	if (keeper->paths[job] == NULL || keeper->done[job])
		return 0;
	keeper->done[job] = true;
	keeper->fd = open_for(keeper, job);
	if (keeper->fd < 0)
		return reason_errno(why, "%s", keeper->paths[job]);
	keeper->job = job;
	keeper->next = row_of(keeper, job);
	keeper->sent = false;
	keeper->failure.text[0] = '\0';
	keeper->size = 0;
	keeper->due = now + patience_ns;
	return 0;
}

int
keeper_send(struct keeper *keeper, int socket)
{
	const struct keeper_step *step = keeper->next;

	if (keeper->job == KEEPER_NOTHING || keeper->sent ||
	    step->command == NULL)
		return 0;
	keeper->sent = true;
	return qmp_send(socket, step->command, "emu", step->arguments,
	    step->how == PASSES ? keeper->fd : -1);
}

void
keeper_message(struct keeper *keeper, const struct qmp_message *message)
{
	const struct keeper_step *step = keeper->next;
	const char *detail = message->detail;

	if (keeper->job == KEEPER_NOTHING || !keeper->sent)
		return;
	bool migration = step->how == MIGRATES && message->kind == QMP_EVENT &&
			 strcmp(message->name, "MIGRATION") == 0;
	bool answer = strcmp(message->name, "emu") == 0;
	/* The states of a migration that it does not leave
	 * (qapi/migration.json). */
	if ((answer && message->kind == QMP_REFUSAL) ||
	    (migration && (strcmp(detail, "failed") == 0 ||
			      strcmp(detail, "cancelled") == 0))) {
		reason_set(
		    &keeper->failure, "%s: %.500s", step->command, detail);
	} else if (migration ? strcmp(detail, "completed") == 0
			     : answer && message->kind == QMP_ANSWER &&
				   step->how != MIGRATES) {
		keeper->next++;
		keeper->sent = false;
	}
}

static bool
has_ended(const struct keeper *keeper)
{
	return keeper->next->command == NULL || keeper->failure.text[0] != '\0';
}

bool
keeper_is_over(struct keeper *keeper, uint64_t now)
{
	struct stat st = {0};

	if (has_ended(keeper))
		return true;
	if (now < keeper->due)
		return false;
	keeper->due = now + patience_ns;
	if (fstat(keeper->fd, &st) < 0 || (uint64_t)st.st_size <= keeper->size)
		return true;
	keeper->size = (uint64_t)st.st_size;
	return false;
}

static void
close_file(struct keeper *keeper)
{
	if (keeper->fd >= 0)
		close(keeper->fd);
	keeper->fd = -1;
	if (keeper->file.fd < 0)
		return;
	whole_file_close(&keeper->file);
	close(keeper->file.dir);
}

int
keeper_end(struct keeper *keeper, struct reason *why)
{
	const char *path = keeper->paths[keeper->job];
	const char *failure = keeper->failure.text;
	int result = 0;

	keeper->job = KEEPER_NOTHING;
	if (failure[0] != '\0' || !has_ended(keeper))
		result = reason_set(why, "%s: %s", path,
		    failure[0] != '\0' ? failure : "QEMU did not finish it");
	else if (keeper->file.fd >= 0 && whole_file_replace(&keeper->file) < 0)
		result = reason_errno(why, "%s", path);
	close_file(keeper);
	return result;
}
