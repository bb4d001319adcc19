#ifndef RUN_DIR_H
#define RUN_DIR_H

#include "leased_dir.h"
#include "reason.h"

#include <stdbool.h>

/* Where the emulator runs, and the private directory of this run. That one
 * holds a fresh working directory and a note of the socket, and its name marks
 * the run's processes for whoever takes the run away when we cannot
 * (sweep.h). */
struct run_dir {
	struct leased_dir lease; /* no path: it could not be made */
	char *path;              /* owned; NULL: unknown */
	bool caller; /* it is where the caller is: nobody changes to it */
	bool fresh;  /* a directory below that of the lease */
};

/* Chooses the working directory: the one named, else the caller's for a command
 * of the caller's own, else $EMU_SCRATCH, else a fresh one. Nothing is made
 * yet. Returns 0, or -1 with the reason. */
int run_dir_open(struct run_dir *dir, const char *named, bool own_command,
    struct reason *why);

/* Makes the directories and notes the socket, which may be NULL and is bound
 * later. Returns 0, or -1 with the reason. */
int run_dir_make(struct run_dir *dir, const char *socket, struct reason *why);

/* Removes what was made and all that is in it. Returns 0, or -1 with the
 * reason. */
int run_dir_leave(struct run_dir *dir, struct reason *why);

#endif
