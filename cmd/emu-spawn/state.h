#ifndef STATE_H
#define STATE_H

#include "leased_dir.h"
#include "reason.h"

#include <jansson.h>

/* A machine as it was at one moment, in a directory: `memory`, which QEMU
 * writes and reads; what the guest had written to its private images, as
 * `file-N`; and `machine.json`: what machine_words says, the version of QEMU,
 * and which images were kept. A new one is made in a leased directory beside
 * its path, which it gets when it is whole. */
struct state {
	const char *path;      /* as the caller has it; NULL: none */
	json_t *machine;       /* machine.json; owned */
	int memory;            /* descriptor of that file; -1 */
	struct leased_dir new; /* no path: this one was saved before */
};

extern const struct state state_none;

/* Chooses where a new state is made; its path has to be free. Nothing is made
 * yet. This and the functions below end the program when they fail, except
 * state_note_version. */
void state_choose(struct state *state, const char *path);

/* Begins the state of a machine that these words are about to start in the
 * directory (NULL: ours). */
void state_begin(struct state *state, char *const *argv, const char *directory);

/* Opens a state that was saved: words and files have to be those that it was
 * saved with; the message names what is different. What the guest had written
 * to private images ($EMU_SCRATCH) goes there again. */
void state_open(struct state *state, const char *path, char *const *argv,
    const char *directory);

/* QEMU has told its version: notes it in a new state; in one that was saved, it
 * has to be the same. Returns 0, or -1 with the reason. */
int state_note_version(
    struct state *state, const char *version, struct reason *why);

/* The machine has ended and its memory is written: keeps what it has written to
 * its images, and gives the state its name. A new state that is not finished is
 * removed with its leased directory. */
void state_finish(struct state *state);

#endif
