#ifndef PATHS_H
#define PATHS_H

#include "machine.h"

/* Returns the absolute path of an existing file in botanist's form: without
 * "//", "." and ".." unless removing them would name another file (a ".."
 * behind a symbolic link). Sets *error to 0, or to errno when there is no such
 * file. The machine owns the path. */
const char *paths_existing(
    struct machine *machine, const char *path, int *error);

#endif
