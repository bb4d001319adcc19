#ifndef KEEPER_H
#define KEEPER_H

#include "options.h"
#include "qmp.h"
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

/* What is kept of a machine, by QMP: one job after the other, each a row of
 * commands. */
struct keeper {
	const char *paths[KEEPER_JOBS]; /* NULL: not wanted */
	struct state saved;             /* -z */
	struct state saving;            /* -Z */
	bool file_uri;                  /* QEMU migrates to file: */

	enum keeper_job job;
	bool done[KEEPER_JOBS];         /* or given up */
	struct whole_file file;         /* the core or the picture */
	int fd;                         /* of what is read or written; -1 */
	const struct keeper_step *next; /* to be sent, or being done */
	bool sent;
	struct reason failure; /* "": none */
	uint64_t size;         /* of what is written, when that was looked at */
	uint64_t due;          /* when it has to be larger */
};

void keeper_init(struct keeper *keeper, const struct options *options);

/* Before the emulator is started with these words in this directory (NULL:
 * ours): what is wanted needs QMP. Returns 0, or -1 with the reason. */
int keeper_open(struct keeper *keeper, char *const *argv, const char *directory,
    bool qmp, struct reason *why);

/* The emulator has greeted: a state has to be of its version, and a panic has
 * to leave it there. Returns 0, or -1 with the reason. */
int keeper_greet(
    struct keeper *keeper, json_t *greeting, int socket, struct reason *why);

/* Begins a job, if it is wanted and was not begun yet. Returns 0, or -1 with
 * the reason why it cannot be done. */
int keeper_begin(struct keeper *keeper, enum keeper_job job, uint64_t now,
    struct reason *why);

/* Sends the next command, unless one is being done. Returns 0, or -1 with
 * errno. */
int keeper_send(struct keeper *keeper, int socket);

/* Takes a message that may be an answer. */
void keeper_message(struct keeper *keeper, const struct qmp_message *message);

/* Whether the job is done, has failed, or has written nothing for half a
 * minute. */
bool keeper_is_over(struct keeper *keeper, uint64_t now);

/* The job is over, or given up. Returns 0, or -1 with the reason. */
int keeper_end(struct keeper *keeper, struct reason *why);

#endif
