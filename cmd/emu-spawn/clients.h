#ifndef CLIENTS_H
#define CLIENTS_H

#include "line.h"
#include "queue.h"
#include "reason.h"

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

/* Lets the waiting in, as far as there is room; each begins with the oldest
 * byte. */
void clients_accept(struct clients *clients, const struct line *line);

/* Gives each what it takes, and drops those that the ring has overtaken (with a
 * line on stderr). */
void clients_give(struct clients *clients, const struct line *line);

/* Reads from one into the queue. */
void clients_take(struct client *client, struct queue *queue);

/* Drops those that are both done and deaf. */
void clients_sweep(struct clients *clients);

/* Whether all have every byte. */
bool clients_given(const struct clients *clients, const struct line *line);

/* Hangs up on all and removes the socket, if it is still ours. */
void clients_close(struct clients *clients);

#endif
