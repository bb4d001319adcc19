#ifndef RUN_H
#define RUN_H

#include "children.h"
#include "clients.h"
#include "command_port.h"
#include "guard.h"
#include "guest_input.h"
#include "helpers.h"
#include "leased_dir.h"
#include "limit.h"
#include "monitor.h"
#include "options.h"
#include "output.h"
#include "program.h"
#include "reason.h"
#include "shared_line.h"
#include "verdict.h"
#include "words.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum phase {
	RUN_RUNNING, /* the emulator runs, and shall */
	RUN_KEEPING, /* it shall end, when -D and -P have theirs */
	/* It was asked to end, by each of these in turn as far as they apply:
	 * a signal for the command in the guest, QMP's quit, SIGTERM, and then
	 * it was killed. */
	RUN_SIGNALLED,
	RUN_QUITTING,
	RUN_TERMINATING,
	RUN_KILLED,
	/* It is gone, or sits in the kernel where nobody can help that; the
	 * last bytes are on their way. */
	RUN_DRAINING,
	RUN_DONE,
};

/* A run of an emulator, and all that is known and wanted of it. Its descriptors
 * and memory last until the process ends. Times are clock_now's. */
struct run {
	const struct options *options;
	char **words; /* of the emulator; NULL: not known */

	enum phase phase;
	uint64_t now;    /* the time of this turn */
	uint64_t due;    /* when the next turn is, at the latest */
	uint64_t until;  /* when the phase has lasted long enough */
	bool impatient;  /* a signal came while it ended: go on at once */
	int interrupted; /* the last signal that we were sent; 0 */
	bool killed;     /* we sent SIGKILL */
	uint64_t lacked; /* output_lacked at the last look while draining */

	char *cwd;             /* where the emulator runs; NULL: unknown */
	const char *directory; /* the same; NULL: where we are already */
	/* The private directory of this run. It holds a fresh working directory
	 * and notes of the sockets, and its name marks the run's processes for
	 * whoever takes the run away when we cannot (sweep.h). No path: it
	 * could not be made. */
	struct leased_dir lease;
	struct children_ending rest; /* spares what is not the emulator's */
	struct guard guard;
	int signals;       /* signalfd */
	sigset_t old_mask; /* the caller's, for what we start */

	struct helpers helpers;
	bool helping; /* they are being started */
	struct program emulator;
	struct output output;
	struct guest_input input;
	struct clients clients;
	/* The command of -X, which talks with the guest: its stdin and stdout
	 * are on the line. Its stdin is a raw terminal, because chat(8) wants
	 * one. The serial line's sink has the master. */
	struct program dialog;
	int dialog_status; /* as a shell has it; -1: it has not ended */
	bool has_ports;    /* it runs a command in the guest */
	struct command_port port;
	struct shared_line shared; /* for a kernel without its ports */
	struct verdict verdict;
	struct monitor monitor;
	bool save_asked; /* by a signal */

	struct limit limits[LIMITS];
	uint64_t delay;        /* limit_run_delay of the emulator */
	uint64_t delay_at;     /* when that was looked at */
	uint64_t paused_since; /* the guest stands still; 0: it does not */

	uint64_t oom_kills; /* before the start */
	bool ended;         /* then the next one holds */
	int wait_status;
	struct timespec start;
	uint64_t started_at;
	uint64_t ended_at;
};

/* Makes a run with nothing open. It borrows the options. */
void run_init(struct run *run, const struct options *options);

/* Opens all that the options name and the words want, and starts the helpers,
 * the emulator and -X. Ends the program when that fails. */
void run_begin(struct run *run);

/* Records a failure that ends the program, before the emulator runs or after
 * its end. */
void run_fail(struct run *run, const char *why);

/* Kills the command of -X, if it still runs, and records how it ended. */
void run_end_dialog(struct run *run);

#endif
