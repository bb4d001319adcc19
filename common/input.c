#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *
input_name(const char *name)
{
	return name == NULL || strcmp(name, "-") == 0 ? "<stdin>" : name;
}

/* Makes room for at least one more byte and the NUL. */
static int
grow(char **bytes, size_t len, size_t *room)
{
	if (len + 1 < *room)
		return 0;
	size_t more = *room == 0 ? 65536 : *room * 2;
	char *larger = realloc(*bytes, more);
	if (larger == NULL)
		return -1;
	*bytes = larger;
	*room = more;
	return 0;
}

static int
read_whole(int fd, size_t limit, char **bytes, size_t *len)
{
	size_t room = 0;

	for (;;) {
		if (grow(bytes, *len, &room) < 0)
			return -1;
		ssize_t n = read(fd, *bytes + *len, room - *len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		*len += (size_t)n;
		if (*len > limit) {
			errno = EFBIG;
			return -1;
		}
		if (n == 0)
			break;
	}
	(*bytes)[*len] = '\0';
	return 0;
}

int
input_read(const char *name, size_t limit, char **bytes, size_t *len,
    struct reason *why)
{
	int fd = STDIN_FILENO;

	*bytes = NULL;
	*len = 0;
	if (strcmp(input_name(name), "<stdin>") != 0) {
		fd = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			return reason_errno(why, "%s", name);
	}
	int r = read_whole(fd, limit, bytes, len);
	if (r < 0) {
		if (errno == EFBIG)
			reason_set(why, "%s: larger than %zu bytes",
			    input_name(name), limit);
		else
			reason_errno(why, "%s", input_name(name));
		free(*bytes);
		*bytes = NULL;
	}
	if (fd != STDIN_FILENO)
		close(fd);
	return r;
}
