#include "pattern_file.h"

#include "input.h"
#include "share_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES = 1 << 20 };

static char *
find(const char *name)
{
	char *in_share, *path;

	if (strchr(name, '/') != NULL)
		return strdup(name);
	if (asprintf(&in_share, "patterns/%s", name) < 0)
		return NULL;
	path = share_file(in_share);
	free(in_share);
	return path;
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
