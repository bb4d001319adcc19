#ifndef NEW_FILE_H
#define NEW_FILE_H

#include "reason.h"

#include <stddef.h>

/* Makes or replaces the file at path with len bytes of data, so that path holds
 * at every instant the whole old or the whole new content: a temporary file in
 * the same directory, fsync, rename, fsync of the directory. A symbolic link is
 * followed to the file it names; the mode of an old file is kept, a new one has
 * 0666 less the umask. A path that exists and is not a regular file (/dev/null,
 * /dev/fd/3, a FIFO) is written to directly. Returns 0, or -1 with the reason,
 * and then the temporary file is gone and the old one as it was. */
int new_file_write(
    const char *path, const void *data, size_t len, struct reason *why);

#endif
