#include "words.h"

#include "input.h"

#include <stdlib.h>
#include <string.h>

/* The kernel takes less than this (ARG_MAX). */
static const size_t most_bytes = 8 << 20;

int
words_split(struct words *words, char *bytes, size_t len, const char *source,
    struct reason *why)
{
	size_t count = 0;

	*words = (struct words){.bytes = bytes};
	if (len == 0)
		return reason_set(why, "%s: empty", source);
	if (bytes[len - 1] != '\0')
		return reason_set(
		    why, "%s: the last word is not ended by a NUL", source);
	if (bytes[0] == '\0')
		return reason_set(why, "%s: the first word is empty", source);
	for (size_t i = 0; i < len; i++)
		count += bytes[i] == '\0';
	words->list = calloc(count + 1, sizeof(*words->list));
	if (words->list == NULL)
		return reason_errno(why, "%s", source);
	for (char *p = bytes; p < bytes + len; p += strlen(p) + 1)
		words->list[words->count++] = p;
	return 0;
}

int
words_read(struct words *words, const char *file, struct reason *why)
{
	char *bytes = NULL;
	size_t len = 0;

	*words = (struct words){0};
	if (input_read(file, most_bytes, &bytes, &len, why) < 0)
		return -1;
	return words_split(words, bytes, len, input_name(file), why);
}

/* Looks for the option among those between commas. */
static bool
has_option(const char *text, const char *option)
{
	size_t len = strlen(option);

	for (const char *p = text; p != NULL; p = strchr(p, ',')) {
		p += *p == ',';
		if (strncmp(p, option, len) == 0 &&
		    (p[len] == '\0' || p[len] == ','))
			return true;
	}
	return false;
}

bool
words_want_socket(char *const *argv, int fd)
{
	const char option[] = {'f', 'd', '=', (char)('0' + fd), '\0'};

	for (; argv[0] != NULL && argv[1] != NULL; argv++)
		if ((strcmp(argv[0], "-chardev") == 0 ||
			strcmp(argv[0], "--chardev") == 0) &&
		    has_option(argv[1], option))
			return true;
	return false;
}

const char *
words_option(char *const *argv, const char *option)
{
	for (; argv[0] != NULL; argv++)
		if (strcmp(argv[0], option) == 0)
			return argv[1];
	return NULL;
}
