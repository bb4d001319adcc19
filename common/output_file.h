#ifndef OUTPUT_FILE_H
#define OUTPUT_FILE_H

#include "reason.h"
#include "whole_file.h"

#include <stddef.h>

/* The file of -o or -l. The file that is written always belongs to the caller:
 * a regular file of another user is replaced, without its mode and owner, and a
 * symbolic link of another user than root is replaced and not followed. A file
 * of the caller keeps its mode, 0777 at most, and the caller's symbolic links
 * are followed, also to a file that does not exist. Another kind of file
 * (/dev/null, /dev/fd/3, a FIFO) is written to. Opening it does not wait, so a
 * FIFO without a reader is an error. */

/* Creates or replaces the file with len bytes of data, atomically and durably:
 * at every instant the path names the complete old or the complete new content.
 * Returns 0, or -1 with the reason; the old file is then unchanged. */
int output_file_write(
    const char *path, const void *data, size_t len, struct reason *why);

/* Removes the file of an earlier run: a regular file, or a symbolic link of
 * another user. A file behind a symbolic link of the caller is truncated, and
 * so is one in a directory that cannot be written to. Other files are not
 * touched. Returns 0, or -1 with the reason. */
int output_file_remove(const char *path, struct reason *why);

/* Opens the file, truncated, for writing; a regular file can be read too.
 * Returns a descriptor, or -1 with the reason. */
int output_file_open(const char *path, struct reason *why);

/* Opens a new file, and its directory, which the caller closes;
 * whole_file_replace puts it in the place of the old one. What is there and is
 * no regular file is an error. Returns 0, or -1 with errno. */
int output_file_begin(struct whole_file *file, const char *path);

#endif
