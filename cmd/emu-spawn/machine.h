#ifndef MACHINE_H
#define MACHINE_H

#include "child.h"
#include "clock.h"
#include "feed.h"
#include "kin.h"
#include "line.h"
#include "options.h"
#include "qmp.h"
#include "reason.h"
#include "stream.h"
#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

enum state {
	RUNNING,  /* the emulator runs, nothing is decided */
	STOPPING, /* it was told to end */
	DRAINING, /* it is gone; the last bytes are on their way */
	DONE,
};

/* What the emulator was told last. */
enum told { TOLD_NOTHING, TOLD_QUIT, TOLD_TERM, TOLD_KILL };

/* A running emulator, and all that is known and wanted of it. */
struct machine {
	const struct options *options;
	enum state state;
	struct child child;
	struct kin kin;
	int sources[3];       /* stdout, pty, stderr while they last; or -1 */
	struct line line;     /* the serial line */
	struct line errors;   /* its stderr */
	struct sink out;      /* our stdout */
	struct sink messages; /* our stderr */
	struct sink log;      /* a log that is no regular file */
	struct feed feed;
	struct stream input;
	struct qmp qmp;
	struct verdict verdict;
	int signals;       /* signalfd */
	sigset_t old_mask; /* the caller's, for what we start */
	int interrupted;   /* the signal that we were sent, or 0 */
	enum told told;
	uint64_t tell_next;  /* when to tell it more; UINT64_MAX: never */
	uint64_t give_up;    /* when to let what drains be */
	uint64_t rest_until; /* the sources are left alone until then */
	uint64_t last_took;  /* when there was something to read */
	uint64_t given;      /* bytes to all sinks, to see progress */
	struct limit total;
	struct limit first;
	struct limit silence;
	uint64_t delay; /* clock_run_delay, and when it was looked at */
	uint64_t delay_at;
	bool started;
	bool greeted; /* by QMP */
	bool ended;
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

/* Opens stdin, stdout, log and signals. Returns 0, or -1 with the reason. */
int machine_open(
    struct machine *machine, bool words_from_stdin, struct reason *why);

/* Starts argv in the directory and stays until it is gone and all that it wrote
 * is delivered. The verdict is in machine->verdict, also when it did not start.
 */
void machine_run(
    struct machine *machine, char *const *argv, const char *directory);

/* How many bytes of the line have not reached stdout. */
uint64_t machine_undelivered(const struct machine *machine);

void machine_close(struct machine *machine);

#endif
