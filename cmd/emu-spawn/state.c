#include "state.h"

#include "document.h"
#include "extent_copy.h"
#include "file_io.h"
#include "json_text.h"
#include "machine_words.h"
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

enum { FILE_NAME = 32 }; /* room for file-N */

const struct state state_none = {
    .dir = -1, .memory = -1, .file = {.fd = -1, .dir = -1}};

static const char *
text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : "";
}

static json_t *
files_of(const struct state *state)
{
	return json_object_get(state->machine, "files");
}

/* A private copy is the run's own, and the next one has it elsewhere. */
static bool
is_private(const json_t *file)
{
	const char prefix[] = MACHINE_WORDS_SCRATCH "/";

	return strncmp(text_of(file, "path"), prefix, strlen(prefix)) == 0;
}

static int
open_directory(int parent, const char *name)
{
	return openat(
	    parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void
remove_all(const struct state *state)
{
	char name[FILE_NAME];

	for (size_t i = 0; i < json_array_size(files_of(state)); i++) {
		snprintf(name, sizeof(name), "file-%zu", i);
		unlinkat(state->dir, name, 0);
	}
	unlinkat(state->dir, "memory", 0);
	unlinkat(state->dir, "machine.json", 0);
	unlinkat(state->file.dir, state->temporary, AT_REMOVEDIR);
}

/* What a run has left that was killed goes, and an empty directory. */
static int
make_free(struct state *state, const char *name, struct reason *why)
{
	int parent = state->file.dir;
	struct stat st;

	state->dir = open_directory(parent, state->temporary);
	if (state->dir >= 0 && fstat(state->dir, &st) == 0 &&
	    st.st_uid == geteuid())
		remove_all(state);
	if (state->dir >= 0)
		close(state->dir);
	state->dir = -1;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    (st.st_uid == geteuid() &&
		unlinkat(parent, name, AT_REMOVEDIR) == 0))
		return 0;
	errno = EEXIST;
	return reason_errno(why, "%s", state->path);
}

/* Opens the directory that the state will be in. Its path may end in a slash.
 */
static int
open_parent(struct state *state, struct reason *why)
{
	size_t len = strlen(state->path);
	const char *name = "";
	int result = -1;

	while (len > 1 && state->path[len - 1] == '/')
		len--;
	char *bare = strndup(state->path, len);
	if (bare != NULL)
		state->file.dir = path_open_parent(bare, &name);
	if (state->file.dir < 0 ||
	    asprintf(&state->temporary, ".%s.emu", name) < 0)
		reason_errno(why, "%s", state->path);
	else
		result = make_free(state, name, why);
	free(bare);
	return result;
}

int
state_create(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	*state = state_none;
	state->path = path;
	state->new = true;
	state->machine = machine_words(argv, directory, why);
	if (state->machine == NULL || open_parent(state, why) < 0)
		return -1;
	int dir = state->file.dir;
	if (whole_file_open(&state->file, dir, NULL, 0666) < 0) {
		state->file = (struct whole_file){.fd = -1, .dir = dir};
		return reason_errno(why, "%s", path);
	}
	state->memory = state->file.fd;
	return 0;
}

/* Makes `to`, which is an empty file, a copy of the other. Returns 0, or -1
 * with errno. */
static int
copy(int from, int to)
{
	struct extent_copy extents = {.in = from, .out = to};
	struct stat st;

	if (fstat(from, &st) < 0)
		return -1;
	if (ioctl(to, FICLONE, from) == 0)
		return 0;
	return ftruncate(to, st.st_size) < 0
		   ? -1
		   : extent_copy(&extents, 0, 0, (uint64_t)st.st_size);
}

static void
close_both(int a, int b)
{
	if (a >= 0)
		close(a);
	if (b >= 0)
		close(b);
}

/* A private image gets what the guest had written: no other file, whatever
 * links there are. */
static int
put_back(const struct state *state, const json_t *file, struct reason *why)
{
	const char *kept = text_of(file, "kept");
	char *path = machine_words_path(file);
	struct stat st;
	int from = -1, to = -1, result = -1;

	if (path == NULL)
		return reason_memory(why);
	to = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0 || fstat(to, &st) < 0) {
		reason_errno(why, "%s", path);
		goto out;
	}
	if (strchr(kept, '/') != NULL)
		reason_set(why, "%s: kept: %s: not a name", state->path, kept);
	else if (st.st_nlink != 1 || !S_ISREG(st.st_mode) || !is_private(file))
		reason_set(why, "%s: not a private copy", path);
	else if ((from = openat(
		      state->dir, kept, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		reason_errno(why, "%s/%s", state->path, kept);
	else if (ftruncate(to, 0) < 0 || copy(from, to) < 0)
		reason_errno(why, "%s", path);
	else
		result = 0;
out:
	close_both(from, to);
	free(path);
	return result;
}

static int
open_saved(struct state *state, struct reason *why)
{
	char *path;

	if (asprintf(&path, "%s/machine.json", state->path) < 0)
		return reason_memory(why);
	state->machine = document_parse_file(path, why);
	free(path);
	if (state->machine == NULL)
		return -1;
	state->dir = open(state->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->dir >= 0)
		state->memory = openat(
		    state->dir, "memory", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return state->memory < 0 ? reason_errno(why, "%s/memory", state->path)
				 : 0;
}

int
state_open(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	*state = state_none;
	state->path = path;
	if (open_saved(state, why) < 0)
		return -1;
	json_t *now = machine_words(argv, directory, why), *file;
	int result =
	    now == NULL ? -1
			: machine_words_compare(path, state->machine, now, why);
	json_decref(now);
	for (size_t i = 0;
	     result == 0 && (file = json_array_get(files_of(state), i)) != NULL;
	     i++)
		if (json_object_get(file, "kept") != NULL)
			result = put_back(state, file, why);
	return result;
}

int
state_note_version(struct state *state, const char *version, struct reason *why)
{
	if (state->path == NULL)
		return 0;
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
keep_file(const struct state *state, json_t *file, const char *path,
    const char *name, struct reason *why)
{
	int from = -1, to = -1, result = -1;

	if (!is_private(file))
		return reason_set(why,
		    "%s: the guest wrote to %s, which is no private copy",
		    state->path, path);
	if (json_object_set_new(file, "kept", json_string(name)) < 0)
		return reason_memory(why);
	to = openat(
	    state->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		reason_errno(why, "%s/%s", state->path, name);
	else if (from < 0 || copy(from, to) < 0)
		reason_errno(why, "%s", path);
	else
		result = 0;
	close_both(from, to);
	return result;
}

/* Keeps a file if it is not any more what it was at the start. */
static int
keep_if_changed(
    const struct state *state, json_t *file, size_t number, struct reason *why)
{
	char *path = machine_words_path(file);
	char content[17], name[FILE_NAME];

	snprintf(name, sizeof(name), "file-%zu", number);
	int result = path != NULL ? machine_words_content(path, content, why)
				  : reason_memory(why);
	if (result == 0 && strcmp(content, text_of(file, "content")) != 0)
		result = keep_file(state, file, path, name, why);
	free(path);
	return result;
}

/* Makes the directory, with the memory and an empty machine.json. Returns a
 * descriptor of that, or -1 with errno. */
static int
make_directory(struct state *state)
{
	char *memory;

	if (mkdirat(state->file.dir, state->temporary, 0777) < 0)
		return -1;
	state->dir = open_directory(state->file.dir, state->temporary);
	if (state->dir < 0 ||
	    asprintf(&memory, "%s/memory", state->temporary) < 0)
		return -1;
	int result = whole_file_create(&state->file, memory);
	free(memory);
	return result < 0 ? -1
			  : openat(state->dir, "machine.json",
				O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

static int
write_machine(const struct state *state, int fd, struct reason *why)
{
	char *text = json_text(state->machine, JSON_INDENT(2));
	int result = 0;

	if (text == NULL)
		return reason_memory(why);
	if (file_write(fd, text, strlen(text), 0) < 0 || fsync(fd) < 0)
		result = reason_errno(why, "%s", state->path);
	free(text);
	return result;
}

int
state_finish(struct state *state, struct reason *why)
{
	json_t *files = files_of(state);
	int fd = make_directory(state);
	int result = fd < 0 ? reason_errno(why, "%s", state->path) : 0;

	for (size_t i = 0; result == 0 && i < json_array_size(files); i++)
		result =
		    keep_if_changed(state, json_array_get(files, i), i, why);
	if (result == 0)
		result = write_machine(state, fd, why);
	if (result == 0 && renameat(state->file.dir, state->temporary, AT_FDCWD,
			       state->path) < 0)
		result = reason_errno(why, "%s", state->path);
	if (fd >= 0)
		close(fd);
	if (result < 0 && state->dir >= 0)
		remove_all(state);
	return result;
}

void
state_close(struct state *state)
{
	if (state->memory >= 0 && state->memory != state->file.fd)
		close(state->memory);
	if (state->file.fd >= 0)
		whole_file_close(&state->file);
	close_both(state->dir, state->file.dir);
	free(state->temporary);
	json_decref(state->machine);
	*state = state_none;
}
