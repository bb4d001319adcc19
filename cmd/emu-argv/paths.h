#ifndef PATHS_H
#define PATHS_H

#include "arena.h"

/* The path made absolute; owned by the arena. */
const char *paths_absolute(struct arena *arena, const char *path);

/* The path of a file that is there, absolute and in botanist's form: cleaned of
 * "//", "." and "..", unless that leads elsewhere (a symbolic link before a
 * ".."). Sets *error to 0, or to errno when there is no such file. */
const char *paths_existing(struct arena *arena, const char *path, int *error);

#endif
