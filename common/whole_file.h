#ifndef WHOLE_FILE_H
#define WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* A new file that appears under its name whole or not at all. Where the file
 * system can (O_TMPFILE), it has no name until then, so that no end of this
 * process, SIGKILL included, leaves a part of it behind; else it has a
 * temporary name, .NAME.emu, locked with flock(2), and the next writer of NAME
 * removes one that nobody has locked. */
struct whole_file {
	int fd;                       /* for reading and writing; -1: closed */
	int dir;                      /* its directory; owned */
	char name[NAME_MAX + 1];      /* where it will be; "": not known yet */
	char temporary[NAME_MAX + 1]; /* where it is; "": it has no name */
};

/* Opens a new file in an open directory. name may be NULL, for a file that
 * whole_file_create names or that goes away. Its mode is `mode` (0777 at most)
 * less the umask. Returns 0, or -1 with errno; then there is nothing to close.
 */
int whole_file_open(
    struct whole_file *file, int dir, const char *name, mode_t mode);

/* Closes the descriptor and keeps the file, which has a temporary name from now
 * on: for those who have more files than descriptors. whole_file_take works as
 * before, whole_file_create and whole_file_close as well. Returns 0, or -1 with
 * errno. */
int whole_file_park(struct whole_file *file);

/* Returns another descriptor of the file, for reading and writing, which the
 * caller closes; or -1 with errno. */
int whole_file_take(const struct whole_file *file);

/* Gives the file the name, which must be free: else EEXIST. It is relative to
 * the directory, or an absolute path of the same file system. Returns 0, or -1
 * with errno. */
int whole_file_create(struct whole_file *file, const char *name);

/* Gives the file the name that it was opened for, in place of the file that has
 * it: at every instant that is the whole old or the whole new one. Whoever
 * wants it on the disk first calls fsync(2) before: while the file has no name.
 * Returns 0, or -1 with errno. */
int whole_file_replace(struct whole_file *file);

/* Closes the file; unless it was given its name, nothing is left of it. */
void whole_file_close(struct whole_file *file);

#endif
