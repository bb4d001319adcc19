#ifndef REMOVAL_H
#define REMOVAL_H

#include "reason.h"

/* Opens the directory `name` below `at` so that it can be emptied: never
 * through a symbolic link, and with read, write and search permission given to
 * its owner first where they are missing. Returns a descriptor, or -1 with
 * errno set. */
int removal_open(int at, const char *name);

/* What is said of a directory or a file that something is mounted on. */
extern const char removal_mounted[];

/* Removes everything below the directory fd, which stays. Symbolic links are
 * removed, not followed; what is mounted below is left alone, bind mounts of
 * the same file system included. What cannot be removed does not keep the rest
 * from it. `path` is what messages call the directory. Returns 0, or -1 with
 * the first reason. Goes into the directory, and back. */
int removal_empty(int fd, const char *path, struct reason *why);

#endif
