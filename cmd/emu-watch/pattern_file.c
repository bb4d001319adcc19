#include "pattern_file.h"

#include "input.h"
#include "path.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_BYTES = 1 << 20 };

/* Where share might be, seen from the directory of the running program. */
static const char *const beside[] = {"../share/emu", "../share", "../../share"};

static char *
in_directory(const char *directory, const char *name, bool must_exist)
{
	char *path;

	if (asprintf(&path, "%s/patterns/%s", directory, name) < 0)
		return NULL;
	if (must_exist && access(path, F_OK) < 0) {
		free(path);
		return NULL;
	}
	return path;
}

static char *
beside_program(const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *found = NULL;

	if (n <= 0)
		return NULL;
	self[n] = '\0';
	char *here = path_directory(self);
	for (size_t i = 0; here != NULL && found == NULL &&
			   i < sizeof(beside) / sizeof(beside[0]);
	     i++) {
		char *share = path_absolute(here, beside[i]);

		if (share != NULL)
			found = in_directory(share, name, true);
		free(share);
	}
	free(here);
	return found;
}

static char *
find(const char *name)
{
	const char *share = getenv("EMU_SHARE");

	if (strchr(name, '/') != NULL)
		return strdup(name);
	if (share != NULL && share[0] != '\0')
		return in_directory(share, name, false);
	char *path = beside_program(name);
	return path != NULL ? path : in_directory(DATADIR, name, false);
}

int
pattern_file_open(
    struct pattern_file *file, const char *name, struct reason *why)
{
	size_t len = 0;

	*file = (struct pattern_file){0};
	if (name[0] == '\0')
		return reason_set(why, "@: no name of a pattern set");
	file->path = find(name);
	const char *slash = strrchr(name, '/');
	file->set = strdup(slash == NULL ? name : slash + 1);
	if (file->path == NULL || file->set == NULL)
		return reason_set(why, "out of memory");
	if (input_read(file->path, FILE_BYTES, &file->text, &len, why) < 0)
		return -1;
	if (strlen(file->text) != len)
		return reason_set(why, "%s: a NUL in it", file->path);
	file->next = file->text;
	return 0;
}

void
pattern_file_close(struct pattern_file *file)
{
	free(file->text);
	free(file->path);
	free(file->set);
}

static bool
is_word(const char *line, const char *word, const char **rest)
{
	size_t n = strlen(word);

	if (strncmp(line, word, n) != 0 || strchr(" \t", line[n]) == NULL)
		return false;
	*rest = line + n + strspn(line + n, " \t");
	return **rest != '\0';
}

static int
parse(const char *text, struct pattern_line *line)
{
	static const char *const words[] = {
	    "note", "success", "fatal", "match", "end"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (is_word(text, words[i], &line->rest)) {
			line->word = (enum pattern_word)i;
			return 1;
		}
	}
	return -1;
}

int
pattern_file_next(
    struct pattern_file *file, struct pattern_line *line, struct reason *why)
{
	char *text;

	while ((text = strsep(&file->next, "\n")) != NULL) {
		file->number++;
		text += strspn(text, " \t");
		if (text[0] == '\0' || text[0] == '#')
			continue;
		if (parse(text, line) > 0)
			return 1;
		return reason_set(why,
		    "%s: line %zu: expected note, success, fatal, match or "
		    "end, and what it is",
		    file->path, file->number);
	}
	return 0;
}
