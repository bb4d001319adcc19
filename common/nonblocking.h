#ifndef NONBLOCKING_H
#define NONBLOCKING_H

#include <poll.h>
#include <sys/types.h>

/* A descriptor that is read or written without ever waiting, and without
 * O_NONBLOCK on an open file that others hold too: pipes and terminals are
 * opened anew, sockets are asked each time. */
struct nonblocking {
	int fd; /* -1: none */
	enum {
		NONBLOCKING_PLAIN,   /* never waits, or is ours and non-blocking
				      */
		NONBLOCKING_SOCKET,  /* MSG_DONTWAIT */
		NONBLOCKING_CAREFUL, /* could not be opened anew: asked first */
	} kind;
};

/* What poll(2) reports of a descriptor whose other end is closed. */
enum { NONBLOCKING_GONE = POLLERR | POLLHUP | POLLNVAL };

/* Makes a stream of fd for O_RDONLY or O_WRONLY. What it opens is its own and
 * closed by nonblocking_close; fd itself stays open. Returns 0, or -1 with
 * errno. */
int nonblocking_open(struct nonblocking *stream, int fd, int access);

/* As read(2) and write(2), but -1 with EAGAIN where they would wait. EINTR is
 * handled. A careful stream writes at most PIPE_BUF bytes. */
ssize_t nonblocking_read(
    const struct nonblocking *stream, void *buf, size_t len);
ssize_t nonblocking_write(
    const struct nonblocking *stream, const void *buf, size_t len);

/* Closes the stream, if it is open. */
void nonblocking_close(struct nonblocking *stream);

#endif
