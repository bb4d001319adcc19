#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
request_operand(const char *operand, bool digest, struct members *members,
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

static int
read_triples(FILE *f, struct members *members, struct reason *why)
{
	char *words[3] = {NULL};
	size_t sizes[3] = {0}, i = 0;
	int r = 0;

	while (r == 0 && getdelim(&words[i], &sizes[i], '\0', f) >= 0) {
		if (++i < 3)
			continue;
		i = 0;
		r = members_want(members, words[0], words[1],
		    strcmp(words[2], "s") == 0, why);
	}
	if (r == 0 && ferror(f))
		r = reason_errno(why, "<fd 3>");
	if (r == 0 && i != 0)
		r = reason_set(why, "<fd 3>: a member without a name");
	for (i = 0; i < 3; i++)
		free(words[i]);
	return r;
}

int
request_read(int fd, struct members *members, struct reason *why)
{
	FILE *f = fdopen(fd, "r");

	if (f == NULL)
		return reason_errno(why, "<fd 3>");
	int result = read_triples(f, members, why);
	fclose(f);
	return result;
}
