#ifndef MOUNT_ID_H
#define MOUNT_ID_H

#include <stdint.h>

/* Stores which mount (mount_namespaces(7)) the file `name` below `at` is on, or
 * with "" the one that is open as `at`. Returns 0, or -1 with errno set. */
int mount_id(int at, const char *name, uint64_t *id);

#endif
