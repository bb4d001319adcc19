#include "state.h"

#include "document.h"
#include "extent_copy.h"
#include "json_text.h"
#include "machine_words.h"
#include "named_files.h"
#include "output_file.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Made first and removed last: without a machine.json, what a run has left that
 * was killed. */
static const char unfinished[] = "unfinished";

static const char hidden[] = "$EMU_SCRATCH/";

const struct state state_none = {.memory = -1, .file = {.fd = -1, .dir = -1}};

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

/* The path of a file of the state; the caller frees it. */
static char *
path_in(const struct state *state, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", state->path, name) < 0 ? NULL : path;
}

static int
remove_file(const struct state *state, const char *name)
{
	char *path = path_in(state, name);
	int result = path == NULL ? -1 : unlink(path);

	free(path);
	return result;
}

static void
remove_all(const struct state *state)
{
	size_t count =
	    json_array_size(json_object_get(state->machine, "files"));
	char name[32];

	for (size_t i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "file-%zu", i);
		remove_file(state, name);
	}
	remove_file(state, "memory");
	remove_file(state, "machine.json");
	remove_file(state, unfinished);
	rmdir(state->path);
}

static bool
is_there(const struct state *state, const char *name)
{
	char *path = path_in(state, name);
	struct stat st;
	bool there = path != NULL && lstat(path, &st) == 0;

	free(path);
	return there;
}

/* What another run has left goes, and an empty directory. */
static int
make_free(const struct state *state, struct reason *why)
{
	struct stat st;

	if (lstat(state->path, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_uid == geteuid()) {
		if (is_there(state, unfinished) &&
		    !is_there(state, "machine.json"))
			remove_all(state);
		else
			rmdir(state->path);
	}
	if (lstat(state->path, &st) < 0)
		return 0;
	errno = EEXIST;
	return reason_errno(why, "%s", state->path);
}

/* Also of a path that ends in a slash. */
static int
open_parent(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	char *bare = strndup(path, len);
	char *parent = bare != NULL ? path_directory(bare) : NULL;
	int fd = parent == NULL
		     ? -1
		     : open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(bare);
	free(parent);
	return fd;
}

int
state_create(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	*state = state_none;
	state->path = path;
	state->new = true;
	state->machine = machine_words(argv, directory, why);
	if (state->machine == NULL || make_free(state, why) < 0)
		return -1;
	int dir = open_parent(path);
	int result =
	    dir < 0 ? -1 : whole_file_open(&state->file, dir, NULL, 0666);
	if (result < 0)
		reason_errno(why, "%s", path);
	if (result < 0 && dir >= 0)
		close(dir);
	state->memory = state->file.fd;
	return result;
}

/* Makes `to`, which is an open and empty file, a copy of the other. */
static int
copy_into(int to, const char *from, struct reason *why)
{
	struct extent_copy copy = {.out = to};
	struct stat st;
	int result = 0;

	copy.in = open(from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (copy.in < 0 || fstat(copy.in, &st) < 0 ||
	    (ioctl(to, FICLONE, copy.in) < 0 &&
		(ftruncate(to, st.st_size) < 0 ||
		    extent_copy(&copy, 0, 0, (uint64_t)st.st_size) < 0)))
		result = reason_errno(why, "%s", from);
	if (copy.in >= 0)
		close(copy.in);
	return result;
}

/* A private image gets what the guest had written: no other file, whatever
 * links there are. */
static int
put_back(const struct state *state, const json_t *file, struct reason *why)
{
	const char *kept = text_of(file, "kept");
	char *from = path_in(state, kept);
	char *to = named_files_show(text_of(file, "path"));
	struct stat st;
	int fd = -1, result = -1;

	if (from == NULL || to == NULL) {
		reason_memory(why);
		goto out;
	}
	fd = open(to, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		reason_errno(why, "%s", to);
	else if (strchr(kept, '/') != NULL)
		reason_set(why, "%s: kept: %s: not a name", state->path, kept);
	else if (st.st_nlink != 1 || !S_ISREG(st.st_mode) ||
		 strncmp(text_of(file, "path"), hidden, strlen(hidden)) != 0)
		reason_set(why, "%s: not a private copy", to);
	else
		result = ftruncate(fd, 0) == 0 ? copy_into(fd, from, why)
					       : reason_errno(why, "%s", to);
out:
	if (fd >= 0)
		close(fd);
	free(from);
	free(to);
	return result;
}

static int
read_machine(struct state *state, struct reason *why)
{
	char *path = path_in(state, "machine.json");

	if (path == NULL)
		return reason_memory(why);
	state->machine = document_parse_file(path, why);
	free(path);
	return state->machine != NULL ? 0 : -1;
}

static int
open_memory(struct state *state, struct reason *why)
{
	char *path = path_in(state, "memory");
	int result = 0;

	if (path == NULL)
		return reason_memory(why);
	state->memory = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (state->memory < 0)
		result = reason_errno(why, "%s", path);
	free(path);
	return result;
}

int
state_open(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	json_t *now = NULL, *file;
	int result = -1;
	size_t i;

	*state = state_none;
	state->path = path;
	if (read_machine(state, why) == 0)
		now = machine_words(argv, directory, why);
	if (now != NULL &&
	    machine_words_compare(path, state->machine, now, why) == 0)
		result = open_memory(state, why);
	const json_t *files = json_object_get(state->machine, "files");
	json_array_foreach(files, i,
	    file) if (result == 0 && json_object_get(file, "kept") != NULL)
	    result = put_back(state, file, why);
	json_decref(now);
	return result;
}

int
state_note_version(
    struct state *state, const json_t *greeting, struct reason *why)
{
	const json_t *numbers = json_object_get(
	    json_object_get(json_object_get(greeting, "QMP"), "version"),
	    "qemu");
	char version[64];

	if (state->path == NULL)
		return 0;
	snprintf(version, sizeof(version), "%lld.%lld.%lld",
	    json_integer_value(json_object_get(numbers, "major")),
	    json_integer_value(json_object_get(numbers, "minor")),
	    json_integer_value(json_object_get(numbers, "micro")));
	if (state->new)
		return json_object_set_new(
			   state->machine, "qemu", json_string(version)) < 0
			   ? reason_memory(why)
			   : 0;
	if (strcmp(text_of(state->machine, "qemu"), version) == 0)
		return 0;
	return reason_set(why, "%s: saved by QEMU %s, and this is QEMU %s",
	    state->path, text_of(state->machine, "qemu"), version);
}

static int
keep_file(
    const struct state *state, json_t *file, size_t number, struct reason *why)
{
	char name[32], *from = named_files_show(text_of(file, "path"));
	char *to;
	int fd = -1, result = -1;

	snprintf(name, sizeof(name), "file-%zu", number);
	to = path_in(state, name);
	if (from == NULL || to == NULL ||
	    json_object_set_new(file, "kept", json_string(name)) < 0)
		reason_memory(why);
	else if (strncmp(text_of(file, "path"), hidden, strlen(hidden)) != 0)
		reason_set(why,
		    "%s: the guest wrote to %s, which is no private copy",
		    state->path, from);
	else if ((fd = open(to, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666)) <
		 0)
		reason_errno(why, "%s", to);
	else
		result = copy_into(fd, from, why);
	if (fd >= 0)
		close(fd);
	free(from);
	free(to);
	return result;
}

/* Keeps a file if it is not any more what it was at the start. */
static int
keep_if_changed(
    const struct state *state, json_t *file, size_t number, struct reason *why)
{
	char *path = named_files_show(text_of(file, "path"));
	char content[17];
	int result = path != NULL ? named_files_content(path, content, why)
				  : reason_memory(why);

	free(path);
	if (result == 0 && strcmp(content, text_of(file, "content")) != 0)
		result = keep_file(state, file, number, why);
	return result;
}

static int
keep_memory(struct state *state, struct reason *why)
{
	char *path = path_in(state, "memory");
	char *absolute = path != NULL ? path_absolute(NULL, path) : NULL;
	int result = -1;

	if (absolute == NULL)
		reason_memory(why);
	else if (whole_file_create(&state->file, absolute) < 0)
		reason_errno(why, "%s", path);
	else
		result = 0;
	free(path);
	free(absolute);
	return result;
}

static int
write_machine(const struct state *state, struct reason *why)
{
	char *path = path_in(state, "machine.json");
	char *text = json_text(state->machine, JSON_INDENT(2));
	int result = path != NULL && text != NULL
			 ? output_file_write(path, text, strlen(text), why)
			 : reason_memory(why);

	free(path);
	free(text);
	return result;
}

static int
make_directory(const struct state *state, struct reason *why)
{
	char *path = path_in(state, unfinished);
	int fd = -1, result = 0;

	if (path == NULL)
		return reason_memory(why);
	if (mkdir(state->path, 0777) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		result = reason_errno(why, "%s", state->path);
	else
		close(fd);
	free(path);
	return result;
}

int
state_finish(struct state *state, struct reason *why)
{
	json_t *files = json_object_get(state->machine, "files"), *file;
	size_t i;

	if (make_directory(state, why) < 0)
		return -1;
	int result = keep_memory(state, why);
	json_array_foreach(files, i, file) if (result == 0) result =
	    keep_if_changed(state, file, i, why);
	if (result == 0)
		result = write_machine(state, why);
	if (result == 0 && remove_file(state, unfinished) < 0)
		result = reason_errno(why, "%s", state->path);
	if (result < 0)
		remove_all(state);
	return result;
}

void
state_close(struct state *state)
{
	if (state->memory >= 0 && state->memory != state->file.fd)
		close(state->memory);
	if (state->file.fd >= 0) {
		whole_file_close(&state->file);
		close(state->file.dir);
	}
	json_decref(state->machine);
	*state = state_none;
}
