#ifndef PLACE_H
#define PLACE_H

#include "leased_dir.h"
#include "reason.h"

#include <stdbool.h>

/* Where the emulator runs, and the directory of this run: it holds a fresh
 * place and a note of the socket, and its name marks the run's processes, for
 * whoever takes the run away when we cannot (sweep.h). */
struct place {
	struct leased_dir run; /* no path: it could not be made */
	char *path;            /* owned; still known after place_close */
	bool fresh;            /* a directory in that of the run */
};

/* The directory named, else $EMU_SCRATCH, else a fresh one in that of the run,
 * whose name is chosen. Returns 0, or -1 with the reason; place_free either
 * way. */
int place_open(struct place *place, const char *named, struct reason *why);

/* Makes the directories and notes the socket, which may be NULL and is bound
 * later. Returns 0, or -1 with the reason. */
int place_make(struct place *place, const char *socket, struct reason *why);

/* Removes what was made and all that is in it. Returns 0, or -1 with the
 * reason. */
int place_close(struct place *place, struct reason *why);
void place_free(struct place *place);

#endif
