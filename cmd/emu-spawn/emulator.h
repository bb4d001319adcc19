#ifndef EMULATOR_H
#define EMULATOR_H

#include "child.h"
#include "reason.h"

#include <signal.h>
#include <stdbool.h>

/* The streams of a command in the guest (key command_ports of a document): its
 * stdin, stdout and stderr, and the control port. */
enum emulator_port { PORT_IN, PORT_OUT, PORT_ERR, PORT_CONTROL, PORTS };

/* The descriptor of the emulator that is its first port. */
enum { EMULATOR_PORTS = 4 };

/* What to start and with what for descriptors. */
struct emulator_plan {
	char *const *argv;     /* as the program sees it */
	const char *directory; /* where it runs */
	bool pipes;            /* no pty */
	bool tty_output;       /* stdout is the pty */
	bool qmp;              /* a socket as descriptor 3 */
	bool ports;            /* sockets as EMULATOR_PORTS and behind */
	const sigset_t *mask;  /* its signal mask */
};

/* The emulator and our ends of its descriptors; -1 where there is none. All are
 * non-blocking and close on exec. */
struct emulator {
	struct child child; /* leads a session of its own */
	int master;         /* of its terminal */
	int slave;          /* held open, so that the master never ends */
	int in;             /* its stdin; the master but with pipes */
	int out;            /* its stdout; -1 when that is the terminal */
	int err;
	int qmp;
	int ports[PORTS];
};

/* One that was not started. */
extern const struct emulator emulator_none;

/* Starts the program, which is killed when we die. A program named without a
 * slash is looked up in PATH, with one from our directory. Returns 0, or -1
 * with the reason; child.error is then the errno of an exec that failed. The
 * caller closes it either way. */
int emulator_start(struct emulator *emulator, const struct emulator_plan *plan,
    struct reason *why);

void emulator_close(struct emulator *emulator);

#endif
