#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int
stream_open(struct stream *stream, int fd, int access)
{
	char path[32];
	struct stat st;

	*stream = (struct stream){.fd = -1};
	if (fstat(fd, &st) < 0)
		return -1;
	stream->kind = S_ISSOCK(st.st_mode) ? STREAM_SOCKET : STREAM_PLAIN;
	if (S_ISFIFO(st.st_mode) || isatty(fd)) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		stream->fd =
		    open(path, access | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (stream->fd >= 0)
			return 0;
		/* Somebody else's, or no /proc. */
		stream->kind = STREAM_CAREFUL;
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
stream_read(const struct stream *stream, void *buf, size_t len)
{
	ssize_t n;

	if (stream->kind == STREAM_CAREFUL && ready(stream->fd, POLLIN) < 0)
		return -1;
	do {
		n = stream->kind == STREAM_SOCKET
			? recv(stream->fd, buf, len, MSG_DONTWAIT)
			: read(stream->fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

ssize_t
stream_write(const struct stream *stream, const void *buf, size_t len)
{
	ssize_t n;

	if (stream->kind == STREAM_CAREFUL) {
		/* A writable pipe takes PIPE_BUF bytes at once. */
		if (ready(stream->fd, POLLOUT) < 0)
			return -1;
		if (len > PIPE_BUF)
			len = PIPE_BUF;
	}
	do {
		n = stream->kind == STREAM_SOCKET
			? send(
			      stream->fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL)
			: write(stream->fd, buf, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

void
stream_close(struct stream *stream)
{
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}
