#include "named_files.h"

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

static const char hidden[] = "$EMU_SCRATCH";

/* A copy of text with every `old` in it replaced. */
static char *
replace(const char *text, const char *old, const char *new)
{
	size_t size = 0, len = strlen(old);
	char *copy = NULL;
	FILE *out = open_memstream(&copy, &size);

	if (out == NULL)
		return NULL;
	for (const char *at; (at = strstr(text, old)) != NULL; text = at + len)
		fprintf(out, "%.*s%s", (int)(at - text), text, new);
	fputs(text, out);
	if (fclose(out) == 0)
		return copy;
	free(copy);
	return NULL;
}

static const char *
scratch(void)
{
	const char *value = getenv("EMU_SCRATCH");

	return value != NULL && value[0] == '/' ? value : NULL;
}

char *
named_files_hide(const char *text)
{
	const char *directory = scratch();

	return directory != NULL ? replace(text, directory, hidden)
				 : strdup(text);
}

char *
named_files_show(const char *text)
{
	const char *directory = scratch();

	return directory != NULL ? replace(text, hidden, directory)
				 : strdup(text);
}

struct hash {
	uint64_t value;
	uint64_t zeros; /* words of zeros that were not mixed in yet */
};

static void
mix(struct hash *hash, uint64_t word)
{
	/* 2^64 divided by the golden ratio: every bit reaches the upper half,
	 * and the shift brings that back. */
	hash->value = (hash->value ^ word) * 0x9e3779b97f4a7c15;
	hash->value ^= hash->value >> 32;
}

static void
add(void *context, const void *data, size_t len)
{
	struct hash *hash = context;
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
		size_t n =
		    len - i < sizeof(uint64_t) ? len - i : sizeof(uint64_t);
		uint64_t word = 0;

		if (p == NULL) {
			hash->zeros += (len + 7) / 8;
			return;
		}
		memcpy(&word, p + i, n);
		hash->zeros += word == 0;
		if (word == 0)
			continue;
		mix(hash, hash->zeros);
		mix(hash, word);
		hash->zeros = 0;
	}
}

int
named_files_content(const char *path, char content[17], struct reason *why)
{
	struct hash hash = {0};
	struct extent_copy copy = {.out = -1, .see = add, .context = &hash};
	struct stat st;
	int result = -1;

	copy.in = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (copy.in >= 0 && fstat(copy.in, &st) == 0 &&
	    extent_copy(&copy, 0, 0, (uint64_t)st.st_size) == 0)
		result = 0;
	if (result < 0)
		reason_errno(why, "%s", path);
	if (copy.in >= 0)
		close(copy.in);
	mix(&hash, hash.zeros);
	snprintf(content, 17, "%016" PRIx64, hash.value);
	return result;
}

static bool
is_listed(const json_t *files, const char *path)
{
	size_t i;
	json_t *file;

	json_array_foreach(files, i,
	    file) if (strcmp(json_string_value(json_object_get(file, "path")),
			  path) == 0) return true;
	return false;
}

/* The errors of a text that is no path, or of no file. */
static bool
is_no_name(int error)
{
	return error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG ||
	       error == EACCES;
}

/* Adds the file, if this is the name of one. */
static int
consider(
    json_t *files, const char *directory, const char *name, struct reason *why)
{
	char *path = path_absolute(directory, name);
	char *shown = path != NULL ? named_files_hide(path) : NULL;
	char content[17];
	struct stat st;
	int result = 0;

	if (shown == NULL) {
		result = reason_memory(why);
	} else if (stat(path, &st) < 0) {
		if (!is_no_name(errno))
			result = reason_errno(why, "%s", path);
	} else if (S_ISREG(st.st_mode) && !is_listed(files, shown)) {
		result = named_files_content(path, content, why);
		if (result == 0 &&
		    json_array_append_new(files,
			json_pack("{s:s, s:I, s:s}", "path", shown, "size",
			    (json_int_t)st.st_size, "content", content)) < 0)
			result = reason_set(why, "%s: not UTF-8", path);
	}
	free(path);
	free(shown);
	return result;
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

static int
consider_word(
    json_t *files, const char *directory, const char *word, struct reason *why)
{
	char *part = malloc(strlen(word) + 1);

	if (part == NULL)
		return reason_memory(why);
	int result = consider(files, directory, word, why);
	while (result == 0 && word != NULL) {
		word = next_part(word, part);
		const char *value = strchr(part, '=');
		if (value != NULL && value[1] != '\0')
			result = consider(files, directory, value + 1, why);
	}
	free(part);
	return result;
}

json_t *
named_files(char *const *argv, const char *directory, struct reason *why)
{
	json_t *files = json_array();
	int result = files != NULL ? 0 : reason_memory(why);

	for (size_t i = 1; result == 0 && argv[i] != NULL; i++)
		if (argv[i][0] != '\0')
			result = consider_word(files, directory, argv[i], why);
	if (result == 0)
		return files;
	json_decref(files);
	return NULL;
}
