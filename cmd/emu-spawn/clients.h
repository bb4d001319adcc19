#ifndef CLIENTS_H
#define CLIENTS_H

#include "guest_input.h"
#include "line.h"
#include "reason.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { CLIENTS_MOST = 16 };

/* A program on our socket. */
struct client {
	struct sink sink; /* what it gets */
	bool done;        /* it will send no more */
	bool deaf;        /* it takes no more */
};

/* The socket, and who came to it. Further ones wait until one leaves. */
struct clients {
	int listener;     /* -1: no socket */
	const char *path; /* as the user gave it */
	dev_t dev;        /* which file is ours, so that no other is removed */
	ino_t ino;
	struct client list[CLIENTS_MOST];
	size_t count;
};

/* Binds a socket that only we may connect to. The path may be longer than a
 * socket's address. A socket that nobody listens on any more is replaced; any
 * other file is refused. Returns 0, or -1 with the reason. */
int clients_open(struct clients *clients, const char *path, struct reason *why);

/* What is polled: the socket and each client. What they send is wanted when the
 * input has room. */
void clients_arm(const struct clients *clients, const struct line *line,
    const struct guest_input *input, struct pollfd fds[1 + CLIENTS_MOST]);

/* After that poll: takes what clients sent, lets the waiting in, who begin with
 * the oldest byte, and drops those that are both done and deaf. */
void clients_take(struct clients *clients, const struct line *line,
    struct guest_input *input, const struct pollfd fds[1 + CLIENTS_MOST]);

/* Gives each what it takes, and drops those that the ring has overtaken (with a
 * line on stderr). */
void clients_give(struct clients *clients, const struct line *line);

/* Whether all have every byte. */
bool clients_given(const struct clients *clients, const struct line *line);

/* Hangs up on all and removes the socket, if it is still ours. */
void clients_close(struct clients *clients);

#endif
