#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
words_operand(const char *operand, struct members *members, struct reason *why)
{
	const char *equals = strrchr(operand, '=');

	if (equals == NULL)
		return members_want(members, operand, NULL, why);
	char *member = strndup(operand, (size_t)(equals - operand));
	if (member == NULL)
		return reason_errno(why, "memory");
	int r = members_want(members, member, equals + 1, why);
	free(member);
	return r;
}

static int
read_pairs(FILE *f, struct members *members, struct reason *why)
{
	char *member = NULL, *name = NULL;
	size_t size = 0, name_size = 0;
	int result = -1;

	while (getdelim(&member, &size, '\0', f) > 0) {
		if (getdelim(&name, &name_size, '\0', f) <= 0) {
			reason_set(why, "<fd 3>: a member without a name");
			goto out;
		}
		if (members_want(members, member, name, why) < 0)
			goto out;
	}
	result = ferror(f) ? reason_errno(why, "<fd 3>") : 0;
out:
	free(member);
	free(name);
	return result;
}

int
words_read(int fd, struct members *members, struct reason *why)
{
	FILE *f = fdopen(fd, "r");

	if (f == NULL)
		return reason_errno(why, "<fd 3>");
	int result = read_pairs(f, members, why);
	fclose(f);
	return result;
}
