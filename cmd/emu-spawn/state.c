#include "state.h"

#include "../fatal.h"
#include "../memory.h"
#include "document.h"
#include "extent_copy.h"
#include "file_io.h"
#include "json_text.h"
#include "machine_words.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct state state_none = {
    .memory = -1, .new = {.parent = -1, .lease = -1}};

/* A private copy is the run's own, and the next one has it elsewhere. */
static bool
is_private(const char *file)
{
	const char prefix[] = MACHINE_WORDS_SCRATCH "/";

	return strncmp(file, prefix, strlen(prefix)) == 0;
}

void
state_choose(struct state *state, const char *path)
{
	struct reason why;
	struct stat st;

	state->path = path;
	/* An empty directory is as good as none. */
	if (rmdir(path) < 0 && errno != ENOENT && lstat(path, &st) == 0) {
		errno = EEXIST;
		fatal_errno(path);
	}
	char *copy = memory_got(strdup(path));
	fatal_if(leased_dir_choose(
		     &state->new, dirname(copy), "emu-spawn", &why) < 0,
	    &why);
	free(copy);
}

/* Makes a file of a new state. */
static int
make_file(const struct state *state, const char *name)
{
	int fd = openat(state->new.lease, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

	if (fd < 0)
		fatal("%s/%s: %s", state->path, name, strerror(errno));
	return fd;
}

void
state_begin(struct state *state, char *const *argv, const char *directory)
{
	struct reason why;

	state->machine = machine_words(argv, directory);
	fatal_if(leased_dir_make(&state->new, &why) < 0, &why);
	state->memory = make_file(state, "memory");
}

/* Makes `to`, which is an empty file, a copy of the file at `path`. */
static void
copy(int from, int to, const char *path)
{
	struct extent_copy extents = {.in = from, .out = to};
	struct stat st;

	if (fstat(from, &st) < 0 ||
	    (ioctl(to, FICLONE, from) < 0 &&
		(ftruncate(to, st.st_size) < 0 ||
		    extent_copy(&extents, 0, 0, (uint64_t)st.st_size) < 0)))
		fatal_errno(path);
	close(from);
	close(to);
}

/* Opens a file of a state that was saved, maybe by a stranger. */
static int
open_file(const struct state *state, int dir, const char *name)
{
	struct stat st;
	int fd = -1;

	errno = EINVAL;
	if (strchr(name, '/') == NULL)
		fd = openat(dir, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		fatal("%s/%s: %s", state->path, name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		fatal("%s/%s: not a regular file", state->path, name);
	return fd;
}

/* A private image gets what the guest had written: no other file, whatever
 * links there are. */
static void
put_back(const struct state *state, int dir, const char *file, const char *kept)
{
	char *path = machine_words_path(file);
	int from = open_file(state, dir, kept);
	int to = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (to < 0 || fstat(to, &st) < 0)
		fatal_errno(path);
	if (st.st_nlink != 1 || !S_ISREG(st.st_mode) || !is_private(file))
		fatal("%s: not a private copy", path);
	if (ftruncate(to, 0) < 0)
		fatal_errno(path);
	copy(from, to, path);
	free(path);
}

void
state_open(struct state *state, const char *path, char *const *argv,
    const char *directory)
{
	const char *file;
	struct reason why;
	json_t *kept;

	state->path = path;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		fatal_errno(path);
	close(open_file(state, dir, "machine.json"));
	char *description = memory_format("%s/machine.json", path);
	state->machine = document_parse_file(description, &why);
	fatal_if(state->machine == NULL, &why);
	free(description);
	state->memory = open_file(state, dir, "memory");
	json_t *now = machine_words(argv, directory);
	machine_words_compare(path, state->machine, now);
	json_object_foreach(json_object_get(state->machine, "kept"), file, kept)
	{
		/* The state cannot name other files than the words. */
		if (json_object_get(json_object_get(now, "files"), file) ==
		    NULL)
			fatal("%s: no file of this machine: %s", path, file);
		if (json_is_string(kept))
			put_back(state, dir, file, json_string_value(kept));
	}
	json_decref(now);
	close(dir);
}

int
state_note_version(struct state *state, const char *version, struct reason *why)
{
	if (state->path == NULL)
		return 0;
	if (state->new.path != NULL)
		return json_object_set_new(
			   state->machine, "qemu", json_string(version)) < 0
			   ? reason_memory(why)
			   : 0;
	const char *saved =
	    json_string_value(json_object_get(state->machine, "qemu"));
	if (saved != NULL && strcmp(saved, version) == 0)
		return 0;
	return reason_set(why, "%s: saved by QEMU %s, and this is QEMU %s",
	    state->path, saved != NULL ? saved : "?", version);
}

static void
keep_file(const struct state *state, const char *file, const char *path,
    const char *name)
{
	if (!is_private(file))
		fatal("%s: the guest wrote to %s, which is not a private copy",
		    state->path, path);
	int to = make_file(state, name);
	int from = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		fatal_errno(path);
	copy(from, to, path);
}

/* Keeps the files that are not any more what they were at the start. */
static void
keep_files(struct state *state)
{
	json_t *kept = json_object(), *content;
	const char *file;
	size_t number = 0;

	json_object_foreach(
	    json_object_get(state->machine, "files"), file, content)
	{
		char *path = machine_words_path(file);
		char now[MACHINE_WORDS_CONTENT], name[32];

		snprintf(name, sizeof(name), "file-%zu", number++);
		machine_words_content(path, now);
		if (strcmp(now, json_string_value(content)) != 0) {
			if (json_object_set_new(kept, file, json_string(name)) <
			    0)
				fatal_memory();
			keep_file(state, file, path, name);
		}
		free(path);
	}
	if (json_object_set_new(state->machine, "kept", kept) < 0)
		fatal_memory();
}

/* Writes machine.json. */
static void
describe(const struct state *state)
{
	char *text = memory_got(json_text(state->machine, JSON_INDENT(2)));
	int fd = make_file(state, "machine.json");

	bool done =
	    file_write(fd, text, strlen(text), 0) == 0 && fsync(fd) == 0;
	free(text);
	if (!done)
		fatal_errno(state->path);
	close(fd);
}

void
state_finish(struct state *state)
{
	const struct leased_dir *new = &state->new;
	mode_t mask = umask(0);

	umask(mask);
	keep_files(state);
	describe(state);
	if (fchmod(new->lease, 0777 & ~mask) < 0 ||
	    renameat(new->parent, new->name, AT_FDCWD, state->path) < 0)
		fatal_errno(state->path);
}
