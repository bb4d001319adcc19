#ifndef MONITOR_H
#define MONITOR_H

#include "options.h"
#include "qmp.h"
#include "reason.h"
#include "state.h"
#include "verdict.h"
#include "whole_file.h"

#include <stdbool.h>
#include <stdint.h>

/* What is kept of a machine by QMP. */
enum monitor_job {
	MONITOR_NOTHING,
	MONITOR_LOAD,    /* -z: goes on from a state */
	MONITOR_SAVE,    /* -Z: saves one */
	MONITOR_CORE,    /* -D: writes the memory for a debugger */
	MONITOR_PICTURE, /* -P: writes what the screen shows */
	MONITOR_JOBS,
};

/* The emulator's QMP socket. What it says is recorded here and in the verdict.
 * It does one job after the other, each a row of commands. */
struct monitor {
	int fd; /* of the socket; -1: closed */
	struct qmp qmp;
	struct verdict *verdict;
	bool forwards; /* the machine forwards ports of the host */
	json_t *ports; /* those, once they are known; owned */

	const char *paths[MONITOR_JOBS]; /* NULL: not wanted */
	struct state saved;              /* -z */
	struct state saving;             /* -Z */
	bool has_saved;                  /* its memory */
	bool file_uri;                   /* QEMU migrates to file: */

	enum monitor_job job;
	bool done[MONITOR_JOBS];         /* or given up */
	struct whole_file file;          /* the core or the picture */
	int passed;                      /* descriptor that QEMU gets; -1 */
	const struct monitor_step *step; /* that is being done */
	struct reason failure;           /* "": none */
	uint64_t size; /* of what is written, when that was looked at */
	uint64_t due;  /* when it has to be larger (clock_now) */
};

/* Makes a monitor without a socket. The jobs are those that the options want;
 * what QMP says is recorded in *verdict, which is borrowed. */
void monitor_init(struct monitor *monitor, const struct options *options,
    struct verdict *verdict);

/* Opens the states, before the emulator is started with these words in this
 * directory (NULL: ours). Ends the program when that fails, or when a job is
 * wanted and the words have no QMP. */
void monitor_open(
    struct monitor *monitor, char *const *argv, const char *directory);

/* Reads what the emulator has said, without waiting, and answers. */
void monitor_take(struct monitor *monitor);

/* Tells whether the emulator can be asked for something. */
bool monitor_heeds(const struct monitor *monitor);

/* Asks the emulator to end. */
void monitor_quit(struct monitor *monitor);

/* Begins a job if the options want it, it was not begun yet, and no other one
 * is being done. now is clock_now's. A job that fails is recorded in the
 * verdict (verdict_left). */
void monitor_begin(struct monitor *monitor, enum monitor_job job, uint64_t now);

/* Ends the job that is being done, if it is complete, has failed, or has
 * written nothing for half a minute. monitor_end ends it in any case. */
void monitor_look(struct monitor *monitor, uint64_t now);
void monitor_end(struct monitor *monitor);

#endif
