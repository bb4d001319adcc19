#ifndef QCOW2_H
#define QCOW2_H

#include "reason.h"

#include <stdbool.h>

/* Tells whether the qcow2 image open as fd rests on another one, by its header
 * (QEMU's docs/interop/qcow2.txt). Returns 0, or -1 with the reason when it is
 * no qcow2 image. */
int qcow2_has_backing(
    int fd, const char *name, bool *backed, struct reason *why);

#endif
