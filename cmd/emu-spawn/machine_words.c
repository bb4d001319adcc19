#include "machine_words.h"

#include "../fatal.h"
#include "../memory.h"
#include "extent_copy.h"
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char hidden[] = MACHINE_WORDS_SCRATCH;

/* A copy of text with every `old` in it replaced. */
static char *
replace(const char *text, const char *old, const char *new)
{
	size_t size = 0, len = strlen(old);
	char *copy = NULL;
	FILE *out = memory_got(open_memstream(&copy, &size));

	for (const char *at; (at = strstr(text, old)) != NULL; text = at + len)
		fprintf(out, "%.*s%s", (int)(at - text), text, new);
	fputs(text, out);
	if (fclose(out) != 0)
		fatal_memory();
	return copy;
}

/* What cannot occur in a text when there is no such directory. */
static const char *
scratch(void)
{
	const char *value = getenv("EMU_SCRATCH");

	return value != NULL && value[0] == '/' ? value : hidden;
}

char *
machine_words_path(const char *file)
{
	return replace(file, hidden, scratch());
}

/* A hash of a file's data and their places. */
struct content {
	uint64_t hash;
	uint64_t position;
};

static void
mix(struct content *content, uint64_t word)
{
	/* 2^64 divided by the golden ratio: every bit reaches the upper half,
	 * and the shift brings that back. */
	content->hash = (content->hash ^ word) * 0x9e3779b97f4a7c15;
	content->hash ^= content->hash >> 32;
}

/* A see of extent_copy. */
static void
add(void *context, const void *data, uint64_t len)
{
	struct content *content = context;
	const unsigned char *p = data;

	for (size_t i = 0; p != NULL && i < len; i += sizeof(uint64_t)) {
		uint64_t word = 0;

		memcpy(&word, p + i,
		    len - i < sizeof(word) ? (size_t)(len - i) : sizeof(word));
		if (word == 0)
			continue;
		mix(content, content->position + i);
		mix(content, word);
	}
	content->position += len;
}

void
machine_words_content(const char *path, char text[MACHINE_WORDS_CONTENT])
{
	struct content content = {0};
	struct extent_copy copy = {.out = -1, .see = add, .context = &content};
	struct stat st;

	copy.in = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (copy.in < 0 || fstat(copy.in, &st) < 0 ||
	    extent_copy(&copy, 0, 0, (uint64_t)st.st_size) < 0)
		fatal_errno(path);
	close(copy.in);
	mix(&content, content.position);
	snprintf(text, MACHINE_WORDS_CONTENT, "%016" PRIx64, content.hash);
}

/* Adds the file, if this is the name of one. */
static void
consider(json_t *files, const char *directory, const char *name)
{
	char *path = memory_got(path_absolute(directory, name));
	char content[MACHINE_WORDS_CONTENT];
	struct stat st;

	char *shown = replace(path, scratch(), hidden);
	if (stat(path, &st) < 0) {
		/* A text that is no path, or of no file, gives other errors. */
		if (errno != ENOENT && errno != ENOTDIR &&
		    errno != ENAMETOOLONG && errno != EACCES)
			fatal_errno(path);
	} else if (S_ISREG(st.st_mode) &&
		   json_object_get(files, shown) == NULL) {
		machine_words_content(path, content);
		if (json_object_set_new(files, shown, json_string(content)) < 0)
			fatal("%s: not UTF-8", path);
	}
	free(path);
	free(shown);
}

/* The next part of a word, which ends at a comma: two are one, and no end.
 * Returns what is behind it, or NULL at the end of the word. */
static const char *
next_part(const char *word, char *part)
{
	for (; *word != '\0'; word++) {
		if (*word == ',' && word[1] != ',')
			break;
		word += *word == ',';
		*part++ = *word;
	}
	*part = '\0';
	return *word == ',' ? word + 1 : NULL;
}

static void
consider_word(json_t *files, const char *directory, const char *word)
{
	char *part = memory_got(malloc(strlen(word) + 1));

	if (word[0] != '\0')
		consider(files, directory, word);
	while (word != NULL) {
		word = next_part(word, part);
		const char *value = strchr(part, '=');
		if (value != NULL && value[1] != '\0')
			consider(files, directory, value + 1);
	}
	free(part);
}

json_t *
machine_words(char *const *argv, const char *directory)
{
	json_t *words = json_array(), *files = json_object();

	for (size_t i = 0; argv[i] != NULL; i++) {
		char *word = replace(argv[i], scratch(), hidden);

		if (i > 0)
			consider_word(files, directory, argv[i]);
		if (json_array_append_new(words, json_string(word)) < 0)
			fatal("word %zu: not UTF-8", i);
		free(word);
	}
	return memory_got(
	    json_pack("{s:o, s:o}", "words", words, "files", files));
}

static void
compare_words(const char *path, const json_t *saved, const json_t *now)
{
	size_t most = json_array_size(saved);
	const char *option = "";

	if (json_array_size(now) > most)
		most = json_array_size(now);
	for (size_t i = 0; i < most; i++) {
		const char *old = json_string_value(json_array_get(saved, i));
		const char *new = json_string_value(json_array_get(now, i));

		if (old == NULL || new == NULL || strcmp(old, new) != 0)
			fatal(
			    "%s: saved with other words: %s%s%.300s, now %.300s",
			    path, option, option[0] != '\0' ? " " : "",
			    old != NULL ? old : "(none)",
			    new != NULL ? new : "(none)");
		option = new[0] == '-' ? new : "";
	}
}

void
machine_words_compare(const char *path, json_t *saved, json_t *now)
{
	json_t *old = json_object_get(saved, "files");
	json_t *new = json_object_get(now, "files"), *content;
	const char *file;

	compare_words(path, json_object_get(saved, "words"),
	    json_object_get(now, "words"));
	json_object_foreach(new, file, content)
	{
		if (!json_equal(json_object_get(old, file), content))
			fatal(
			    "%s: saved with another content of %s", path, file);
	}
	if (json_object_size(old) != json_object_size(new))
		fatal("%s: saved with other files", path);
}
