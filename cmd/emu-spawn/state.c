#include "state.h"

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

int
state_choose(struct state *state, const char *path, struct reason *why)
{
	struct stat st;

	*state = state_none;
	state->path = path;
	/* An empty directory is as good as none. */
	if (rmdir(path) < 0 && errno != ENOENT && lstat(path, &st) == 0) {
		errno = EEXIST;
		return reason_errno(why, "%s", path);
	}
	char *copy = strdup(path);
	if (copy == NULL)
		return reason_memory(why);
	int result =
	    leased_dir_choose(&state->new, dirname(copy), "emu-spawn", why);
	free(copy);
	return result;
}

/* Makes a file of a new state. */
static int
make_file(const struct state *state, const char *name)
{
	return openat(state->new.lease, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

int
state_begin(struct state *state, char *const *argv, const char *directory,
    struct reason *why)
{
	state->machine = machine_words(argv, directory, why);
	if (state->machine == NULL || leased_dir_make(&state->new, why) < 0)
		return -1;
	state->memory = make_file(state, "memory");
	return state->memory < 0 ? reason_errno(why, "%s", state->path) : 0;
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
put_back(const struct state *state, int dir, const char *file, const char *kept,
    struct reason *why)
{
	char *path = machine_words_path(file);
	struct stat st;
	int from = -1, to = -1, result = -1;

	if (path == NULL)
		return reason_memory(why);
	errno = EINVAL;
	if (strchr(kept, '/') == NULL)
		from = openat(dir, kept, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0) {
		reason_errno(why, "%s/%s", state->path, kept);
		goto out;
	}
	to = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	result = to < 0 ? -1 : fstat(to, &st);
	if (result == 0 &&
	    (st.st_nlink != 1 || !S_ISREG(st.st_mode) || !is_private(file)))
		result = reason_set(why, "%s: not a private copy", path);
	else if (result < 0 || ftruncate(to, 0) < 0 || copy(from, to) < 0)
		result = reason_errno(why, "%s", path);
out:
	close_both(from, to);
	free(path);
	return result;
}

static int
compare(struct state *state, char *const *argv, const char *directory,
    struct reason *why)
{
	json_t *now = machine_words(argv, directory, why);
	int result = now == NULL ? -1
				 : machine_words_compare(
				       state->path, state->machine, now, why);

	json_decref(now);
	return result;
}

int
state_open(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	const char *file;
	char *description;
	json_t *kept;

	*state = state_none;
	state->path = path;
	if (asprintf(&description, "%s/machine.json", path) < 0)
		return reason_memory(why);
	state->machine = document_parse_file(description, why);
	free(description);
	if (state->machine == NULL)
		return -1;
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	state->memory =
	    openat(dir, "memory", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int result = state->memory < 0 ? reason_errno(why, "%s/memory", path)
				       : compare(state, argv, directory, why);
	json_object_foreach(json_object_get(state->machine, "kept"), file,
	    kept) if (result == 0 && json_is_string(kept)) result =
	    put_back(state, dir, file, json_string_value(kept), why);
	close_both(dir, -1);
	return result;
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

static int
keep_file(const struct state *state, const char *file, const char *path,
    const char *name, struct reason *why)
{
	int from = -1, to = -1, result = -1;

	if (!is_private(file))
		return reason_set(why,
		    "%s: the guest wrote to %s, which is not a private copy",
		    state->path, path);
	to = make_file(state, name);
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

/* Keeps the files that are not any more what they were at the start. */
static int
keep_files(struct state *state, struct reason *why)
{
	json_t *kept = json_object(), *content;
	const char *file;
	size_t number = 0;
	int result = 0;

	json_object_foreach(
	    json_object_get(state->machine, "files"), file, content)
	{
		char *path = machine_words_path(file);
		char now[MACHINE_WORDS_CONTENT] = "", name[32];

		snprintf(name, sizeof(name), "file-%zu", number++);
		if (path == NULL)
			result = reason_memory(why);
		else if (result == 0)
			result = machine_words_content(path, now, why);
		if (result == 0 &&
		    strcmp(now, json_string_value(content)) != 0) {
			json_object_set_new(kept, file, json_string(name));
			result = keep_file(state, file, path, name, why);
		}
		free(path);
	}
	if (json_object_set_new(state->machine, "kept", kept) < 0)
		result = reason_memory(why);
	return result;
}

/* Writes machine.json. Returns 0, or -1 with errno. */
static int
describe(const struct state *state)
{
	char *text = json_text(state->machine, JSON_INDENT(2));
	int fd = text != NULL ? make_file(state, "machine.json") : -1;
	int result =
	    fd < 0 || file_write(fd, text, strlen(text), 0) < 0 || fsync(fd) < 0
		? -1
		: 0;

	close_both(fd, -1);
	free(text);
	return result;
}

int
state_finish(struct state *state, struct reason *why)
{
	const struct leased_dir *new = &state->new;
	mode_t mask = umask(0);

	umask(mask);
	if (keep_files(state, why) < 0)
		return -1;
	if (describe(state) == 0 && fchmod(new->lease, 0777 & ~mask) == 0 &&
	    renameat(new->parent, new->name, AT_FDCWD, state->path) == 0)
		return 0;
	return reason_errno(why, "%s", state->path);
}

int
state_leave(struct state *state, struct reason *why)
{
	/* A finished one has another name. */
	return state->new.lease < 0 ? 0 : leased_dir_remove(&state->new, why);
}
