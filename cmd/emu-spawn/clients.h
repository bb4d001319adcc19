#ifndef CLIENTS_H
#define CLIENTS_H

#include "guest_input.h"
#include "line.h"

#include <poll.h>
#include <sys/types.h>

/* The socket, and who came to it: each has a sink of the serial line, the
 * SINK_CLIENTSth and behind, and sends to the guest. Further ones wait until
 * one leaves. */
struct clients {
	int listener;     /* -1: no socket */
	const char *path; /* as the user gave it */
	dev_t dev;        /* which file is ours, so that no other is removed */
	ino_t ino;
};

/* Binds a socket that only this user may connect to. The path may be longer
 * than a socket's address. A socket that nobody listens on any more is
 * replaced. Ends the program when that fails, or when there is another file.
 * Nothing is to be done for clients whose listener is -1. */
void clients_open(struct clients *clients, const char *path);

/* Returns what to poll for: a connection, while there is room for one. */
struct pollfd clients_arm(const struct clients *clients,
    const struct line *line, const struct guest_input *input);

/* After that poll: reports on stderr the clients that were too slow, which have
 * lost their sink, and accepts those that wait. A client begins with the oldest
 * byte of the line. */
void clients_take(struct clients *clients, struct line *line,
    struct guest_input *input, const struct pollfd *listener);

/* Removes the socket, if it is still ours. */
void clients_leave(const struct clients *clients);

#endif
