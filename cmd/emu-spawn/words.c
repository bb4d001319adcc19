#include "words.h"

#include "../fatal.h"
#include "input.h"

#include <stdlib.h>
#include <string.h>

/* The kernel takes less than this (ARG_MAX). */
static const size_t most_bytes = 8 << 20;

char **
words_split(char *bytes, size_t len, const char *source)
{
	size_t count = 0;

	if (len == 0)
		fatal("%s: empty", source);
	if (bytes[len - 1] != '\0')
		fatal("%s: the last word is not ended by a NUL", source);
	if (bytes[0] == '\0')
		fatal("%s: the first word is empty", source);
	for (size_t i = 0; i < len; i++)
		count += bytes[i] == '\0';
	char **list = calloc(count + 1, sizeof(*list));
	if (list == NULL)
		fatal_errno(source);
	for (size_t i = 0; i < count; i++, bytes += strlen(bytes) + 1)
		list[i] = bytes;
	return list;
}

char **
words_read(const char *file)
{
	struct reason why;
	char *bytes;
	size_t len;

	fatal_if(input_read(file, most_bytes, &bytes, &len, &why) < 0, &why);
	return words_split(bytes, len, input_name(file));
}

/* Whether the option is one of those between commas. */
static bool
has_option(const char *text, const char *option)
{
	size_t len = strlen(option);

	for (const char *p = text; (p = strstr(p, option)) != NULL; p++)
		if ((p == text || p[-1] == ',') &&
		    (p[len] == '\0' || p[len] == ','))
			return true;
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
