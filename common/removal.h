#ifndef REMOVAL_H
#define REMOVAL_H

#include "reason.h"

/* Opens the directory `name` below `at` so that it can be emptied: never
 * through a symbolic link, and with read, write and search permission given to
 * its owner first where they are missing. Returns a descriptor, or -1 with
 * errno set. */
int removal_open(int at, const char *name);

/* The reason for a directory or a file that is a mount point. */
extern const char removal_mounted[];

/* Removes everything below the directory fd, which stays. Symbolic links are
 * removed, not followed. File systems mounted below are not touched, including
 * bind mounts of the same file system. A file that cannot be removed does not
 * prevent the removal of the others. Messages call the directory path. Returns
 * 0, or -1 with the first reason. Changes the current directory, and restores
 * it. */
int removal_empty(int fd, const char *path, struct reason *why);

#endif
