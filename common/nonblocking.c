#include "nonblocking.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int
nonblocking_open(struct nonblocking *stream, int fd, int access)
{
	char path[32];
	struct stat st;

	*stream = (struct nonblocking){.fd = -1};
	if (fstat(fd, &st) < 0)
		return -1;
	stream->kind =
	    S_ISSOCK(st.st_mode) ? NONBLOCKING_SOCKET : NONBLOCKING_PLAIN;
	if (S_ISFIFO(st.st_mode) || isatty(fd)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		stream->fd =
		    open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (stream->fd >= 0)
			return 0;
		/* Somebody else's, or no /proc. */
		stream->kind = NONBLOCKING_CAREFUL;
	}
	stream->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return stream->fd < 0 ? -1 : 0;
}

static int
ready(int fd, short events)
{
	struct pollfd p = {.fd = fd, .events = events};

	if (poll(&p, 1, 0) > 0)
		return 0;
	errno = EAGAIN;
	return -1;
}

ssize_t
nonblocking_read(const struct nonblocking *stream, void *buf, size_t len)
{
	ssize_t n;

	if (stream->kind == NONBLOCKING_CAREFUL &&
	    ready(stream->fd, POLLIN) < 0)
		return -1;
	do {
		n = stream->kind == NONBLOCKING_SOCKET
			? recv(stream->fd, buf, len, MSG_DONTWAIT)
			: read(stream->fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

ssize_t
nonblocking_write(const struct nonblocking *stream, const void *buf, size_t len)
{
	ssize_t n;

	if (stream->kind == NONBLOCKING_CAREFUL) {
		/* A writable pipe takes PIPE_BUF bytes at once. */
		if (ready(stream->fd, POLLOUT) < 0)
			return -1;
		if (len > PIPE_BUF)
			len = PIPE_BUF;
	}
	do {
		n = stream->kind == NONBLOCKING_SOCKET
			? send(
			      stream->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL)
			: write(stream->fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

void
nonblocking_close(struct nonblocking *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}
