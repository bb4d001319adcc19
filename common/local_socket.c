#include "local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int
local_socket_address(struct sockaddr_un *address, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	char *parent =
	    slash != NULL ? strndup(path, (size_t)(name - path)) : strdup(".");

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (parent == NULL)
		return -1;
	int dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(parent);
	if (dir < 0)
		return -1;
	int len = snprintf(address->sun_path, sizeof(address->sun_path),
	    "/proc/self/fd/%d/%s", dir, name);
	if (len < (int)sizeof(address->sun_path))
		return dir;
	close(dir);
	errno = ENAMETOOLONG;
	return -1;
}

/* Connects a socket of that type for a moment. Returns the errno with which it
 * was refused, or 0. */
static int
try(const struct sockaddr_un *address, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return errno;
	int result =
	    connect(fd, (const struct sockaddr *)address, sizeof(*address));
	int error = result < 0 ? errno : 0;
	close(fd);
	return error;
}

/* A socket of another type is refused with EPROTOTYPE where there is one, and
 * with ECONNREFUSED where a dead process left its file (unix_find_bsd). */
bool
local_socket_is_bound(const char *path)
{
	struct sockaddr_un address;
	int at = local_socket_address(&address, path);
	bool bound = at >= 0 && try(&address, SOCK_SEQPACKET) == EPROTOTYPE;

	if (at >= 0)
		close(at);
	return bound;
}

bool
local_socket_remove_dead(const char *path)
{
	struct sockaddr_un address;
	struct stat st;
	int at = local_socket_address(&address, path);
	bool removed = at >= 0 && lstat(address.sun_path, &st) == 0 &&
		       S_ISSOCK(st.st_mode) && st.st_uid == geteuid() &&
		       try(&address, SOCK_STREAM) == ECONNREFUSED &&
		       unlink(address.sun_path) == 0;

	if (at >= 0)
		close(at);
	return removed;
}
