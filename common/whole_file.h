#ifndef WHOLE_FILE_H
#define WHOLE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* A new file that gets its name when it is complete. If the file system
 * supports it (O_TMPFILE), the file has no name before, so that even SIGKILL
 * leaves no part of it behind. Otherwise it has a temporary name, .NAME.emu,
 * and is locked with flock(2); the next writer of NAME removes an unlocked one.
 * */
struct whole_file {
	int fd;                  /* for reading and writing; -1: closed */
	int dir;                 /* its directory, which the caller closes */
	char name[NAME_MAX + 1]; /* its final name; "": not known yet */
	char temporary[NAME_MAX + 1]; /* its name until then; "": none */
};

/* Opens a new file in an open directory. name may be NULL for a file that
 * whole_file_create will name, or that is temporary. The file's mode is `mode`
 * (0777 at most) less the umask. Returns 0, or -1 with errno; then there is
 * nothing to close, though whole_file_close may be called. */
int whole_file_open(
    struct whole_file *file, int dir, const char *name, mode_t mode);

/* Closes the descriptor and gives the file a temporary name, for a caller that
 * has more files than it may have descriptors. The other functions work as
 * before. Returns 0, or -1 with errno. */
int whole_file_park(struct whole_file *file);

/* Returns a new descriptor of the file for reading and writing, which the
 * caller closes; or -1 with errno. */
int whole_file_take(const struct whole_file *file);

/* Gives the file the name, which is relative to the directory, or an absolute
 * path on the same file system. Returns 0, or -1 with errno, which is EEXIST if
 * the name exists. */
int whole_file_create(struct whole_file *file, const char *name);

/* Gives the file the name that it was opened for, and so replaces the file with
 * that name: at every instant, the name stands for the whole old file or the
 * whole new one. The change is on the disk afterwards; a caller that needs the
 * data there calls fsync(2) before. Returns 0, or -1 with errno. */
int whole_file_replace(struct whole_file *file);

/* Closes the file, which ceases to exist unless it has its name. errno stays as
 * it is. */
void whole_file_close(struct whole_file *file);

#endif
