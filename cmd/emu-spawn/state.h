#ifndef STATE_H
#define STATE_H

#include "reason.h"
#include "whole_file.h"

#include <jansson.h>
#include <stdbool.h>

/* A machine as it was at one moment, in a directory: `memory`, which QEMU
 * writes and reads; what the guest had written to its private images, as
 * `file-N`; and `machine.json`: the words, the files that they name, and the
 * version of QEMU. It has its name when it is whole. */
struct state {
	const char *path;       /* as the caller has it; NULL: none */
	int dir;                /* descriptor of that directory; -1 */
	json_t *machine;        /* machine.json; owned */
	int memory;             /* descriptor of that file; -1 */
	bool new;               /* to be saved */
	char *temporary;        /* what a new one is called until then; owned */
	struct whole_file file; /* its memory, which has no name yet */
};

extern const struct state state_none;

/* Prepares a new state, whose path has to be free, of a machine that these
 * words are about to start. What a run that was killed has left there is
 * removed. Returns 0, or -1 with the reason; state_close either way.
 */
int state_create(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why);

/* Opens a state that was saved: words and files have to be those that it was
 * saved with. What the guest had written to private images ($EMU_SCRATCH) goes
 * there again. Returns 0, or -1 with the reason, which names what is different;
 * state_close either way. */
int state_open(struct state *state, const char *path, char *const *argv,
    const char *directory, struct reason *why);

/* QEMU has told its version: notes it in a new state; in one that was saved, it
 * has to be the same. Returns 0, or -1 with the reason. */
int state_note_version(
    struct state *state, const char *version, struct reason *why);

/* The machine has ended and its memory is written: keeps what it has written to
 * its images, and makes the state whole. Returns 0, or -1 with the reason. */
int state_finish(struct state *state, struct reason *why);

/* Nothing is left of a new state that was not finished. */
void state_close(struct state *state);

#endif
