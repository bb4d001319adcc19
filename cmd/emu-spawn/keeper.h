#ifndef KEEPER_H
#define KEEPER_H

#include "options.h"
#include "qmp_steps.h"
#include "reason.h"
#include "state.h"
#include "whole_file.h"

#include <stdbool.h>
#include <stdint.h>

enum keeper_job {
	KEEPER_NOTHING,
	KEEPER_LOAD,    /* -z: goes on from a state */
	KEEPER_SAVE,    /* -Z: saves one */
	KEEPER_CORE,    /* -D: writes the memory for a debugger */
	KEEPER_PICTURE, /* -P: writes what the screen shows */
	KEEPER_JOBS,
};

/* What is kept of a machine, by QMP: one job after the other. */
struct keeper {
	const struct options *options;
	struct state saved;     /* -z */
	struct state saving;    /* -Z */
	struct whole_file file; /* the core or the picture, until it is whole */
	int picture;            /* the same file, only to be written; -1 */
	enum keeper_job job;
	bool done[KEEPER_JOBS]; /* or given up */
	struct qmp_steps steps;
	uint64_t size; /* of what is written, when that was looked at */
	uint64_t due;  /* when it has to be larger */
};

void keeper_init(struct keeper *keeper, const struct options *options);

/* Whether any is wanted, for which the emulator has to speak QMP. */
bool keeper_wanted(const struct options *options);

/* Before the emulator is started with these words in this directory (NULL:
 * ours). Returns 0, or -1 with the reason. */
int keeper_open(struct keeper *keeper, char *const *argv, const char *directory,
    struct reason *why);

/* The emulator has greeted: a state has to be of its version, and a panic has
 * to leave it there. Returns 0, or -1 with the reason. */
int keeper_greet(struct keeper *keeper, const json_t *greeting, int socket,
    struct reason *why);

/* Begins a job, if it is wanted and was not begun yet. Returns whether it was,
 * or -1 with the reason why it cannot be done. */
int keeper_begin(struct keeper *keeper, enum keeper_job job, uint64_t now,
    struct reason *why);

/* Whether what is written has not grown for half a minute. */
bool keeper_is_stuck(struct keeper *keeper, uint64_t now);

/* The job has ended, or is given up. Returns 0, or -1 with the reason. */
int keeper_end(struct keeper *keeper, struct reason *why);

void keeper_close(struct keeper *keeper);

#endif
