#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
words_operand(const char *operand, bool digest, struct members *members,
    struct reason *why)
{
	const char *equals = strrchr(operand, '=');

	if (equals == NULL)
		return members_want(members, operand, NULL, digest, why);
	char *member = strndup(operand, (size_t)(equals - operand));
	if (member == NULL)
		return reason_memory(why);
	int r = members_want(members, member, equals + 1, digest, why);
	free(member);
	return r;
}

/* Returns 1 for a word, 0 at the end, or -1. */
static int
read_word(FILE *f, char **word, size_t *size)
{
	ssize_t n = getdelim(word, size, '\0', f);

	if (n < 0)
		return ferror(f) ? -1 : 0;
	return 1;
}

static int
read_triples(FILE *f, struct members *members, struct reason *why)
{
	char *words[3] = {NULL};
	size_t sizes[3] = {0}, i = 0;
	int r;

	while ((r = read_word(f, &words[i], &sizes[i])) > 0) {
		if (++i < 3)
			continue;
		i = 0;
		r = members_want(members, words[0], words[1],
		    strcmp(words[2], "s") == 0, why);
		if (r < 0)
			break;
	}
	if (r < 0 && ferror(f))
		reason_errno(why, "<fd 3>");
	if (r == 0 && i != 0)
		r = reason_set(why, "<fd 3>: a member without a name");
	for (i = 0; i < 3; i++)
		free(words[i]);
	return r;
}

int
words_read(int fd, struct members *members, struct reason *why)
{
	FILE *f = fdopen(fd, "r");

	if (f == NULL)
		return reason_errno(why, "<fd 3>");
	int result = read_triples(f, members, why);
	fclose(f);
	return result;
}
