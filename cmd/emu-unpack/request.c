#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
request_operand(
    const char *operand, struct members *members, struct reason *why)
{
	const char *equals = strrchr(operand, '=');

	if (equals == NULL)
		return members_want(members, operand, NULL, why);
	char *member = strndup(operand, (size_t)(equals - operand));
	if (member == NULL)
		return reason_memory(why);
	int r = members_want(members, member, equals + 1, why);
	free(member);
	return r;
}

static int
read_pairs(FILE *f, struct members *members, struct reason *why)
{
	char *words[2] = {NULL};
	size_t sizes[2] = {0}, i = 0;
	int r = 0;

	while (r == 0 && getdelim(&words[i], &sizes[i], '\0', f) >= 0) {
		if (i == 1)
			r = members_want(members, words[0], words[1], why);
		i = !i;
	}
	if (r == 0 && ferror(f))
		r = reason_errno(why, "<fd 3>");
	if (r == 0 && i != 0)
		r = reason_set(why, "<fd 3>: a member without a name");
	free(words[0]);
	free(words[1]);
	return r;
}

int
request_read(int fd, struct members *members, struct reason *why)
{
	FILE *f = fdopen(fd, "r");

	if (f == NULL)
		return reason_errno(why, "<fd 3>");
	int result = read_pairs(f, members, why);
	fclose(f);
	return result;
}
