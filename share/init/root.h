#ifndef ROOT_H
#define ROOT_H

#include "config.h"

#include <stdio.h>

/* Mounts what the init itself needs in the initrd: /dev, /proc, /sys. */
void root_early(void);

/* Makes the host's files the root: the share read-only, over it a file system
 * in memory for what the guest writes (overlayfs), every bind where it is on
 * the host, and proc, sys, dev and run. Without overlayfs, /tmp and /run and
 * the binds alone can be written to, and a line on `notes` says so. Returns 0,
 * or -1 with a line on `notes`. */
int root_enter(const struct config *config, FILE *notes);

/* Writes back and unmounts the binds. */
void root_leave(const struct config *config);

#endif
