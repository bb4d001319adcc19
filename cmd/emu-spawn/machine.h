#ifndef MACHINE_H
#define MACHINE_H

#include "child.h"
#include "children.h"
#include "clients.h"
#include "clock.h"
#include "console.h"
#include "feed.h"
#include "guard.h"
#include "limit.h"
#include "line.h"
#include "options.h"
#include "place.h"
#include "qmp.h"
#include "reason.h"
#include "stream.h"
#include "talk.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

enum state {
	RUNNING,  /* the emulator runs, and shall */
	STOPPING, /* it was told to end */
	DRAINING, /* it is gone; the last bytes are on their way */
	DONE,
};

/* What the emulator was told last. */
enum told { TOLD_NOTHING, TOLD_QUIT, TOLD_TERM, TOLD_KILL };

/* Where the bytes come from. */
enum source { FROM_STDOUT, FROM_PTY, FROM_STDERR, SOURCES };

/* A running emulator, and all that is known and wanted of it. */
struct machine {
	const struct options *options;
	enum state state;

	struct place place;
	struct child child;
	struct children_ending rest; /* spares what is not the emulator's */
	struct guard guard;
	int signals;       /* signalfd */
	sigset_t old_mask; /* the caller's, for what we start */
	int interrupted;   /* the signal that we were sent, or 0 */

	int sources[SOURCES]; /* the child's, while they last; or -1 */
	struct line line;     /* the serial line */
	struct sink out;      /* our stdout */
	struct sink log;      /* a log that is no regular file */
	struct line errors;   /* its stderr */
	struct sink messages; /* our stderr */

	struct feed feed;
	struct stream input;
	struct console console;
	struct clients clients;
	struct talk talk;

	struct qmp qmp;
	bool greeted; /* by QMP */
	struct verdict verdict;

	enum told told;
	uint64_t tell_next;  /* when to tell it more; UINT64_MAX: never */
	uint64_t give_up;    /* when to let what drains be */
	uint64_t given;      /* bytes to all sinks then, to see progress */
	uint64_t rest_until; /* the sources are left alone until then, or 0 */
	uint64_t last_took;  /* when there was something to read */
	struct limit total;
	struct limit first;
	struct limit silence;
	uint64_t delay;    /* clock_run_delay of the emulator */
	uint64_t delay_at; /* when that was looked at */

	bool ended; /* then the next two hold */
	int wait_status;
	struct rusage usage;
	struct timespec start;
	uint64_t started_at; /* CLOCK_MONOTONIC, as are the next three */
	uint64_t first_byte; /* UINT64_MAX: none yet */
	uint64_t last_byte;
	uint64_t ended_at;
};

/* Makes a machine in which everything is closed. */
void machine_init(struct machine *machine, const struct options *options);

/* Opens all that the options name. from_stdin: the words came from there.
 * Returns 0, or -1 with the reason. */
int machine_open(struct machine *machine, bool from_stdin, struct reason *why);

/* Runs argv and stays until it is gone and all that it wrote is delivered. The
 * verdict is in machine->verdict, also when it did not start. */
void machine_run(struct machine *machine, char *const *argv);

/* How many bytes of the line have not reached stdout. */
uint64_t machine_undelivered(const struct machine *machine);

/* Puts everything back that others see: terminal, socket, directory. Returns 0,
 * or -1 with the reason. */
int machine_leave(struct machine *machine, struct reason *why);

void machine_close(struct machine *machine);

#endif
