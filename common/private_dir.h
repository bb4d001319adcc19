#ifndef PRIVATE_DIR_H
#define PRIVATE_DIR_H

#include "reason.h"

/* Opens the directory named (NULL: none was given, which is an error), into
 * which private copies go: it must belong to the caller and be writable by
 * nobody else. Stores its absolute path, which the caller frees. Returns a
 * descriptor, or -1 with the reason. */
int private_dir_open(const char *name, char **path, struct reason *why);

#endif
