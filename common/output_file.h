#ifndef OUTPUT_FILE_H
#define OUTPUT_FILE_H

#include "reason.h"

#include <stddef.h>

/* What a caller names with -o or -l. Whatever stands under that name, the file
 * that is written is the caller's own: a regular file of somebody else's is
 * replaced, and neither its mode nor its owner are taken over; a symbolic link
 * of somebody else's (root's excepted) is replaced and not followed. A file of
 * the caller's own keeps its mode, 0777 at most, and is reached through
 * symbolic links. What is no regular file (/dev/null, /dev/fd/3, a FIFO) is
 * written to, and opening it does not wait: a FIFO without a reader is an
 * error. */

/* Makes or replaces the file with len bytes of data, so that the path holds at
 * every instant the whole old or the whole new content, durably. Returns 0, or
 * -1 with the reason, and then the old file is as it was. */
int output_file_write(
    const char *path, const void *data, size_t len, struct reason *why);

/* Takes away what an earlier run has left there: a regular file, or a symbolic
 * link of somebody else's; of a file that is reached through one of the
 * caller's own, the content. Nothing else. Returns 0, or -1 with the reason. */
int output_file_remove(const char *path, struct reason *why);

/* Opens the file, empty, to be written as things come; a regular file can be
 * read too. Returns a descriptor, or -1 with the reason. */
int output_file_open(const char *path, struct reason *why);

#endif
