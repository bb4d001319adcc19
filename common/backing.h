#ifndef BACKING_H
#define BACKING_H

#include "reason.h"

#include <stdbool.h>
#include <stddef.h>

/* Checks what other files QEMU would open with a disk image (disk_file_look).
 * A backing file that the caller did not name is refused: each file of the
 * chain has to be among `named` (count paths, compared by device and inode),
 * and is checked likewise; a backing file written as json: or with a protocol
 * is never followed. The image is the file that its path, symbolic links
 * resolved, leads to, and has to be given to QEMU by that. format is QEMU's
 * name of the image's; NULL: what its content says, and raw otherwise. used[i]
 * becomes true for the named files that are in the chain. Messages call the
 * image name. Returns 0, or -1 with the reason, which says what to write. */
int backing_check(const char *path, const char *name, const char *format,
    const char *const *named, size_t count, bool *used, struct reason *why);

#endif
