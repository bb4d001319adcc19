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

/* Binds a socket that only we may connect to. The path may be longer than a
 * socket's address. A socket that nobody listens on any more is replaced. Ends
 * the program when there is any other file. */
void clients_open(struct clients *clients, const char *path);

/* What to poll for. */
struct pollfd clients_arm(const struct clients *clients,
    const struct line *line, const struct guest_input *input);

/* After that poll: tells of those that were too slow, which have lost their
 * sink, and lets the waiting in, who begin with the oldest byte. */
void clients_take(struct clients *clients, struct line *line,
    struct guest_input *input, const struct pollfd *listener);

/* Removes the socket, if it is still ours. */
void clients_leave(const struct clients *clients);

#endif
