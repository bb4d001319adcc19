#ifndef PLACE_H
#define PLACE_H

#include "reason.h"

#include <stdbool.h>

/* Where the emulator runs. */
struct place {
	char *path; /* owned; still known after place_close */
	bool fresh; /* made by us, and taken away by place_close */
};

/* The directory named, else $EMU_SCRATCH, else a fresh one under $TMPDIR or
 * /var/tmp. Returns 0, or -1 with the reason. */
int place_open(struct place *place, const char *named, struct reason *why);

/* Removes a fresh one and all that is in it. Returns 0, or -1 with the reason.
 */
int place_close(struct place *place, struct reason *why);
void place_free(struct place *place);

#endif
