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

static int
read_whole(int fd, size_t limit, char **bytes, size_t *len)
{
	size_t room = 0;
	ssize_t n;

	do {
		/* There is always room for a byte and the NUL. */
		if (*len + 1 >= room) {
			room = room == 0 ? 65536 : room * 2;
			char *larger = realloc(*bytes, room);
			if (larger == NULL)
				return -1;
			*bytes = larger;
		}
		n = read(fd, *bytes + *len, room - *len - 1);
		if (n < 0 && errno != EINTR)
			return -1;
		*len += n > 0 ? (size_t)n : 0;
		if (*len > limit) {
			errno = EFBIG;
			return -1;
		}
	} while (n != 0);
	(*bytes)[*len] = '\0';
	return 0;
}

int
input_read_fd(int fd, const char *name, size_t limit, char **bytes, size_t *len,
    struct reason *why)
{
	*bytes = NULL;
	*len = 0;
	if (read_whole(fd, limit, bytes, len) == 0)
		return 0;
	if (errno == EFBIG)
		reason_set(why, "%s: larger than %zu bytes", name, limit);
	else
		reason_errno(why, "%s", name);
	free(*bytes);
	*bytes = NULL;
	return -1;
}

int
input_read(const char *name, size_t limit, char **bytes, size_t *len,
    struct reason *why)
{
	int fd = STDIN_FILENO;

	if (strcmp(input_name(name), "<stdin>") != 0) {
		fd = open(name, O_RDONLY | O_NOCTTY | O_CLOEXEC);
		if (fd < 0)
			return reason_errno(why, "%s", name);
	}
	int r = input_read_fd(fd, input_name(name), limit, bytes, len, why);
	if (fd != STDIN_FILENO)
		close(fd);
	return r;
}
