#ifndef COPYING_H
#define COPYING_H

#include "move.h"

/* Copies the allocated slices to their places in another, empty file, by as
 * many threads as there are processors: reading is what they can do at the same
 * time. Adds the bytes written to move->bytes. Returns 0, or -1 with the
 * reason, which begins with the name of the file that failed. */
int copying_run(struct move *move, int from, const char *from_name, int to,
    const char *to_name, struct reason *why);

#endif
