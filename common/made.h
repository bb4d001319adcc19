#ifndef MADE_H
#define MADE_H

#include "reason.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A file on its way into a directory. Where the file system can, it has no name
 * until all of them are complete (O_TMPFILE), so that no end of this process,
 * however sudden, leaves a part of one behind. */
struct made_file {
	int fd;       /* -1: somebody else writes it (a link, a child) */
	int dir;      /* its directory; owned */
	char *path;   /* absolute: where it will be; NULL: nowhere yet */
	char *name;   /* in dir, as it is now; NULL: it has none yet */
	bool replace; /* takes the place of an old file */
	bool done;    /* is there under its path */
};

/* All files that this run makes, and the children that make some of them. */
struct made {
	pthread_mutex_t lock;
	struct made_file **list;
	size_t count;
	pid_t *children;
	size_t child_count;
};

/* Opens a new file in the directory open as dir, whose absolute path will be
 * path; when that is NULL, made_name gives it one later, or it goes away.
 * Unless it replaces one, a file that exists is an error. It belongs to *made.
 * Returns NULL with the reason on failure. */
struct made_file *made_open(struct made *made, int dir, const char *path,
    bool replace, struct reason *why);
int made_name(struct made *made, struct made_file *file, const char *path,
    struct reason *why);

/* Closes a file that has no path, and it is gone. */
void made_drop(struct made *made, struct made_file *file);

/* Registers a file that a child is going to make under its final name. */
struct made_file *made_expect(
    struct made *made, int dir, const char *path, struct reason *why);

/* Makes a hard link, or where that cannot be a symbolic link, to source. */
struct made_file *made_link(struct made *made, int dir, const char *path,
    const char *source, struct reason *why);

/* Gives all files that have a path their names. Returns 0, or -1 with the
 * reason. */
int made_commit(struct made *made, struct reason *why);

/* From here on the files stay: a thread that wants to remove them waits for
 * ever, and so a signal comes too late. For the end of the process only. */
void made_keep(struct made *made);

/* Kills the children, removes every file, and lets no thread make another:
 * those that try wait for ever. For the end of the process only. */
void made_abandon(struct made *made);

/* Frees the list; removes nothing. */
void made_free(struct made *made);

#endif
