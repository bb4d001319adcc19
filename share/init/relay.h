#ifndef RELAY_H
#define RELAY_H

#include "command.h"
#include "ports.h"

#include <stdint.h>

/* How the command ended. */
struct ending {
	int wait_status; /* as from waitpid */
	uint64_t out;    /* bytes of its stdout and stderr that the host has */
	uint64_t err;
};

/* Carries the command's streams to and from the ports, heeds what the host says
 * on the control port, and reaps everything, until the command has ended and
 * all that it wrote is at the host. Signals SIGCHLD has to be blocked. */
void relay_run(const struct command *command, const struct ports *ports,
    struct ending *ending);

/* Reads the host's first line into *terminal. Returns 0, or -1 when the host
 * went away. */
int relay_await_start(const struct ports *ports, struct terminal *terminal);

#endif
