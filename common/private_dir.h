#ifndef PRIVATE_DIR_H
#define PRIVATE_DIR_H

#include "reason.h"

/* Opens the directory for private copies. It must belong to the caller, and
 * nobody else may be able to write to it. name NULL means that none was given,
 * which is an error. Stores the absolute path, which the caller frees. Returns
 * a descriptor, or -1 with the reason. */
int private_dir_open(const char *name, char **path, struct reason *why);

#endif
