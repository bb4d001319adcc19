#ifndef STREAM_H
#define STREAM_H

#include <poll.h>
#include <sys/types.h>

/* A descriptor that is read or written without ever waiting, and without
 * O_NONBLOCK on an open file that others hold too: pipes and terminals are
 * opened anew, sockets are asked each time. */
struct stream {
	int fd; /* -1: none */
	enum {
		STREAM_PLAIN,   /* never waits, or is ours and non-blocking */
		STREAM_SOCKET,  /* MSG_DONTWAIT */
		STREAM_CAREFUL, /* could not be opened anew: asked first */
	} kind;
};

/* What poll(2) reports of a descriptor whose other end is closed. */
enum { STREAM_GONE = POLLERR | POLLHUP | POLLNVAL };

/* Makes a stream of fd for O_RDONLY or O_WRONLY. What it opens is its own and
 * closed by stream_close; fd itself stays open. Returns 0, or -1 with errno. */
int stream_open(struct stream *stream, int fd, int access);

/* As read(2) and write(2), but -1 with EAGAIN where they would wait. EINTR is
 * handled. A careful stream writes at most PIPE_BUF bytes. */
ssize_t stream_read(const struct stream *stream, void *buf, size_t len);
ssize_t stream_write(const struct stream *stream, const void *buf, size_t len);

/* Closes the stream, if it is open. */
void stream_close(struct stream *stream);

#endif
