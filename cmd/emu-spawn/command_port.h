#ifndef COMMAND_PORT_H
#define COMMAND_PORT_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The control port of a machine that runs one command: lines of text, as
 * share/init/ports.h has them. */
struct command_port {
	int fd; /* -1: none */
	size_t len;
	char text[1100]; /* the beginning of a line */

	bool ready; /* the guest has found the port */
	enum {
		COMMAND_RUNS,   /* or will */
		COMMAND_ENDED,  /* status, out and err hold */
		COMMAND_FAILED, /* it could not be started: why holds */
	} state;
	int status;   /* as a shell has it: 128+n for signal n */
	uint64_t out; /* bytes of its stdout and stderr that went before */
	uint64_t err;
	struct reason why;
};

/* Tells the guest which of our descriptors 0, 1 and 2 are a terminal, and its
 * size; command_port_resize tells a new size. Both return 0, or -1 with errno.
 */
int command_port_start(const struct command_port *port);
int command_port_resize(const struct command_port *port);

/* Asks the guest to send the command a signal. Returns 0, or -1 with errno. */
int command_port_signal(const struct command_port *port, int number);

/* Reads once what the guest says, prints its notes on stderr, and stores the
 * rest in *port. Returns whether there was something to read. */
bool command_port_take(struct command_port *port);

#endif
