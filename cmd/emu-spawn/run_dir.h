#ifndef RUN_DIR_H
#define RUN_DIR_H

#include "leased_dir.h"

#include <stdbool.h>

/* Where the emulator runs, and the private directory of this run. That one
 * holds a fresh working directory and a note of the socket, and its name marks
 * the run's processes for whoever takes the run away when we cannot
 * (sweep.h). */
struct run_dir {
	struct leased_dir lease; /* no path: it could not be made */
	const char *path;        /* where the emulator runs; NULL: unknown */
	const char *target;      /* the same; NULL: where we are already */
	bool fresh;              /* it is below the private directory */
};

/* Chooses the working directory: the one named, else the caller's for a command
 * of the caller's own, else $EMU_SCRATCH, else a fresh one. Nothing is made
 * yet. Ends the program when there is none. */
void run_dir_open(struct run_dir *dir, const char *named, bool own_command);

/* Makes the directories and notes the socket, which may be NULL and is bound
 * later. Ends the program when that fails. */
void run_dir_make(struct run_dir *dir, const char *socket);

#endif
