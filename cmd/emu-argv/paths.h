#ifndef PATHS_H
#define PATHS_H

#include "arena.h"

/* Returns the path made absolute, which the arena owns. */
const char *paths_absolute(struct arena *arena, const char *path);

/* Returns the absolute path of an existing file in botanist's form: without
 * "//", "." and ".." unless removing them would name another file (a ".."
 * behind a symbolic link). Sets *error to 0, or to errno when there is no such
 * file. */
const char *paths_existing(struct arena *arena, const char *path, int *error);

#endif
