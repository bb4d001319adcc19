#ifndef MOUNT_ID_H
#define MOUNT_ID_H

#include <stdint.h>

/* Stores the ID of the mount (statx(2)) that the file `name` in the directory
 * `at` is on; with name "", the mount of the file open as `at`. Returns 0, or
 * -1 with errno set. */
int mount_id(int at, const char *name, uint64_t *id);

#endif
