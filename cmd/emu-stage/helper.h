#ifndef HELPER_H
#define HELPER_H

#include "new_files.h"
#include "reason.h"

/* Waits for a program that makes images for us (new_files_start). Returns 0
 * when it succeeded, or -1 with the reason: "" when it has said one itself. */
int helper_wait(struct new_files *files, struct child *child, const char *name,
    struct reason *why);

#endif
