#ifndef REMOVAL_H
#define REMOVAL_H

#include "reason.h"

/* Opens the directory `name` in the directory `at` in order to empty it. A
 * symbolic link is not followed. If the owner lacks read, write or search
 * permission, it is added first. Returns a descriptor, or -1 with errno set. */
int removal_open(int at, const char *name);

/* The reason why a mount point is not removed. */
extern const char removal_mounted[];

/* Removes everything below the directory fd, which stays. Symbolic links are
 * removed, not followed. File systems mounted below are not touched, including
 * bind mounts of the same file system. A file that cannot be removed does not
 * prevent the removal of the others. Messages call the directory path. Returns
 * 0, or -1 with the first reason. Changes the current directory, and restores
 * it. */
int removal_empty(int fd, const char *path, struct reason *why);

#endif
