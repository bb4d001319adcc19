/* Whatever is on the wire, an end of a shared line keeps what it holds within
 * its buffers, and nothing reaches the host's ports before the line is shared.
 * The first byte of the input says which end it is. */
#include "shared_line.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
		fds) < 0)
		abort();
}

/* Reads what came at the users of the ports and at the wire. */
static size_t
drain(const int users[SHARED_LINE_PORTS], int wire)
{
	char bytes[4096];
	size_t got = 0;
	ssize_t n;

	for (int i = 0; i < SHARED_LINE_PORTS; i++) {
		n = recv(users[i], bytes, sizeof(bytes), 0);
		got += n > 0 ? (size_t)n : 0;
	}
	n = recv(wire, bytes, sizeof(bytes), 0);
	return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct shared_line line;
	int wire[2], users[SHARED_LINE_PORTS], ports[SHARED_LINE_PORTS];
	const uint8_t *shared = memmem(data, size, "\20B", 2);
	size_t got = 0;

	if (size == 0)
		return 0;
	pair(wire);
	for (int i = 0; i < SHARED_LINE_PORTS; i++) {
		int fds[2];

		pair(fds);
		users[i] = fds[0];
		ports[i] = fds[1];
	}
	shared_line_open(&line, data[0] & 1, wire[0], wire[0], ports);
	if (send(users[0], data, size, MSG_NOSIGNAL) < 0)
		abort();
	for (size_t at = 1; at < size || got > 0;) {
		size_t len = size - at < 1000 ? size - at : 1000;
		ssize_t n = send(wire[1], data + at, len, MSG_NOSIGNAL);

		at += n > 0 ? (size_t)n : 0;
		shared_line_turn(&line);
		got = drain(users, wire[1]);
		if (got > 0 && shared == NULL && (data[0] & 1))
			abort();
	}
	shared_line_close(&line);
	for (int i = 0; i < SHARED_LINE_PORTS; i++)
		close(users[i]);
	close(wire[1]);
	return 0;
}
