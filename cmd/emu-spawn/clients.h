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
	int in[CLIENTS_MOST]; /* what each sends; -1: no more */
};

/* What is polled: the socket, and what each sends. */
enum { CLIENTS_POLLED = 1 + CLIENTS_MOST };

/* No socket and nobody. */
void clients_init(struct clients *clients);

/* Binds a socket that only we may connect to. The path may be longer than a
 * socket's address. A socket that nobody listens on any more is replaced. Ends
 * the program when there is any other file. */
void clients_open(struct clients *clients, const char *path);

void clients_arm(const struct clients *clients, const struct line *line,
    const struct guest_input *input, struct pollfd fds[CLIENTS_POLLED]);

/* After that poll: takes what clients sent, tells of those that were too slow,
 * and lets the waiting in, who begin with the oldest byte. */
void clients_take(struct clients *clients, struct line *line,
    struct guest_input *input, const struct pollfd fds[CLIENTS_POLLED]);

/* Removes the socket, if it is still ours. */
void clients_leave(const struct clients *clients);

#endif
