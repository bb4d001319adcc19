#ifndef COMMAND_H
#define COMMAND_H

#include "config.h"

#include <stdbool.h>
#include <sys/types.h>

/* What the host said of its own standard streams. */
struct terminal {
	unsigned streams; /* mask of 1 << 0, 1, 2: those that are a terminal */
	unsigned short rows, columns;
	char term[64];
};

/* The command and our ends of its standard streams. */
struct command {
	pid_t pid;
	int in, out, err; /* ours; those on the terminal share its master */
	int master;       /* of the pseudo terminal; -1: none */
};

/* Starts the command of the configuration, as its user, in its directory, in a
 * session of its own. Streams of the host's that are a terminal are one here;
 * the others are pipes. Returns 0, or the status (125, 126, 127) with the text
 * of the reason. */
int command_start(struct command *command, const struct config *config,
    const struct terminal *terminal, char reason[static 256]);

void command_resize(
    const struct command *command, unsigned short rows, unsigned short columns);

#endif
