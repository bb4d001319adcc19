#include "state.h"

#include "document.h"
#include "extent_copy.h"
#include "json_text.h"
#include "named_files.h"
#include "output_file.h"

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

static const char hidden[] = "$EMU_SCRATCH/";

const struct state state_none = {.memory = -1};

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
open_memory(struct state *state, int flags, struct reason *why)
{
	char *path = path_in(state, "memory");
	int result = 0;

	if (path == NULL)
		return reason_memory(why);
	state->memory = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (state->memory < 0)
		result = reason_errno(why, "%s", path);
	free(path);
	return result;
}

/* What the words describe. Returns NULL with the reason. */
static json_t *
describe(char *const *argv, const char *directory, struct reason *why)
{
	json_t *words = json_array();
	json_t *files = named_files(argv, directory, why);

	for (size_t i = 0; files != NULL && argv[i] != NULL; i++) {
		char *word = named_files_hide(argv[i]);
		int r = json_array_append_new(
		    words, word != NULL ? json_string(word) : NULL);

		free(word);
		if (r == 0)
			continue;
		reason_set(why, "word %zu: not UTF-8", i);
		json_decref(files);
		files = NULL;
	}
	if (files == NULL) {
		json_decref(words);
		return NULL;
	}
	return json_pack("{s:o, s:o}", "words", words, "files", files);
}

int
state_create(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	*state =
	    (struct state){.path = path, .directory = directory, .memory = -1};
	state->machine = describe(argv, directory, why);
	if (state->machine == NULL)
		return -1;
	if (mkdir(path, 0777) < 0)
		return reason_errno(why, "%s", path);
	state->unfinished = true;
	return open_memory(state, O_RDWR | O_CREAT | O_EXCL, why);
}

static int
compare_words(const char *path, const json_t *saved, const json_t *now,
    struct reason *why)
{
	size_t most = json_array_size(saved);

	if (json_array_size(now) > most)
		most = json_array_size(now);
	for (size_t i = 0; i < most; i++) {
		const char *old = json_string_value(json_array_get(saved, i));
		const char *new = json_string_value(json_array_get(now, i));
		const char *option =
		    i > 0 ? json_string_value(json_array_get(now, i - 1))
			  : NULL;

		if (old != NULL && new != NULL && strcmp(old, new) == 0)
			continue;
		bool named = option != NULL && option[0] == '-';
		return reason_set(why,
		    "%s: saved with other words: %s%s%.300s, now %.300s", path,
		    named ? option : "", named ? " " : "",
		    old != NULL ? old : "(none)", new != NULL ? new : "(none)");
	}
	return 0;
}

static int
compare_files(const char *path, const json_t *saved, const json_t *now,
    struct reason *why)
{
	size_t i;
	json_t *file;

	json_array_foreach(now, i, file)
	{
		const json_t *old = json_array_get(saved, i);

		if (strcmp(text_of(old, "path"), text_of(file, "path")) != 0 ||
		    strcmp(text_of(old, "content"), text_of(file, "content")) !=
			0)
			return reason_set(why,
			    "%s: saved with another content of %s", path,
			    text_of(file, "path"));
	}
	return json_array_size(saved) == json_array_size(now)
		   ? 0
		   : reason_set(why, "%s: saved with other files", path);
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

	if (from != NULL && to != NULL)
		fd = open(to, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from == NULL || to == NULL)
		reason_memory(why);
	else if (fd < 0 || fstat(fd, &st) < 0)
		reason_errno(why, "%s", to);
	else if (strchr(kept, '/') != NULL)
		reason_set(why, "%s: kept: %s: not a name", state->path, kept);
	else if (st.st_nlink != 1 || !S_ISREG(st.st_mode) ||
		 strncmp(text_of(file, "path"), hidden, strlen(hidden)) != 0)
		reason_set(why, "%s: not a private copy", to);
	else if (ftruncate(fd, 0) < 0)
		reason_errno(why, "%s", to);
	else
		result = copy_into(fd, from, why);
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

int
state_open(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why)
{
	json_t *now = NULL, *file;
	int result = -1;
	size_t i;

	*state =
	    (struct state){.path = path, .directory = directory, .memory = -1};
	if (read_machine(state, why) == 0)
		now = describe(argv, directory, why);
	const json_t *files = json_object_get(state->machine, "files");
	if (now != NULL &&
	    compare_words(path, json_object_get(state->machine, "words"),
		json_object_get(now, "words"), why) == 0 &&
	    compare_files(path, files, json_object_get(now, "files"), why) == 0)
		result = open_memory(state, O_RDONLY, why);
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
	if (state->unfinished)
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

int
state_finish(struct state *state, struct reason *why)
{
	json_t *files = json_object_get(state->machine, "files"), *file;
	char *path = path_in(state, "machine.json"), *text = NULL;
	int result = 0;
	size_t i;

	json_array_foreach(files, i, file) if (result == 0) result =
	    keep_if_changed(state, file, i, why);
	if (result == 0)
		text = json_text(state->machine, JSON_INDENT(2));
	if (result == 0 && (path == NULL || text == NULL))
		result = reason_memory(why);
	if (result == 0)
		result = output_file_write(path, text, strlen(text), why);
	state->unfinished = result < 0;
	free(path);
	free(text);
	return result;
}

static void
remove_file(const struct state *state, const char *name)
{
	char *path = path_in(state, name);

	if (path != NULL)
		unlink(path);
	free(path);
}

void
state_close(struct state *state)
{
	json_t *file;
	size_t i;

	if (state->unfinished) {
		json_array_foreach(json_object_get(state->machine, "files"), i,
		    file) if (json_object_get(file, "kept") != NULL)
		    remove_file(state, text_of(file, "kept"));
		remove_file(state, "memory");
		rmdir(state->path);
	}
	if (state->memory >= 0)
		close(state->memory);
	json_decref(state->machine);
	*state = state_none;
}
