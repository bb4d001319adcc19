#ifndef PROGRAM_H
#define PROGRAM_H

#include "child.h"

#include <signal.h>
#include <stdbool.h>

/* The streams of a command in the guest (key command_ports of a document): its
 * stdin, stdout and stderr, and the control port. */
enum { PORT_IN, PORT_OUT, PORT_ERR, PORT_CONTROL, PORTS };

/* The descriptor of the program that is its first port. */
enum { PORTS_FD = 4 };

/* How a program is connected: its stdin is a pty and its terminal, stdout and
 * stderr are pipes, unless: */
enum {
	PROGRAM_PIPES = 1,      /* stdin is a pipe too */
	PROGRAM_TTY_OUTPUT = 2, /* stdout is the pty */
	PROGRAM_QMP = 4,        /* a socket as descriptor 3 */
	PROGRAM_PORTS = 8,      /* sockets as PORTS_FD and behind */
	PROGRAM_DIALOG = 16,    /* no terminal, and its stderr is ours */
};

/* A program and our ends of its descriptors; -1 where there is none. All are
 * non-blocking and close on exec. */
struct program {
	struct child child; /* leads a session of its own */
	int master;         /* of its terminal */
	int slave;          /* held open, so that the master never ends */
	int in;  /* its stdin: the master, or with PROGRAM_PIPES a pipe */
	int out; /* its stdout; -1 when that is the terminal */
	int err; /* its stderr; -1 when that is ours */
	int qmp; /* the socket that is its descriptor 3 */
	int ports[PORTS]; /* the sockets that are its PORTS_FD and behind */
	int far[PORTS];   /* its own ends of those */
};

/* One that was not started. */
extern const struct program program_none;

/* Starts the program in the directory (NULL: ours) and with this signal mask.
 * It is killed when we die. A program named without a slash is looked up in
 * PATH, with one from our directory. Ends our own program when that fails;
 * child.error is then the errno of an exec that failed. */
void program_start(struct program *program, const char *const *argv,
    const char *directory, unsigned has, const sigset_t *mask);

/* Tells whether something was written to its terminal that it has not read. */
bool program_has_unread(const struct program *program);

#endif
