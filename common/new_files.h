#ifndef NEW_FILES_H
#define NEW_FILES_H

#include "child.h"
#include "reason.h"
#include "whole_file.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* A file that is being made. */
struct new_file {
	struct whole_file whole; /* fd -1: a link, or a child makes it */
	char *path;   /* its final absolute path; NULL: not known yet */
	bool replace; /* it replaces an existing file */
	bool there;   /* it has its path, which new_files_abandon removes */
};

/* All files that this run makes, and the children that make some of them. The
 * files get their names together when all are complete. If the run fails or a
 * signal ends it, all of them are removed. Initialize with {.lock =
 * PTHREAD_MUTEX_INITIALIZER}. */
struct new_files {
	pthread_mutex_t lock;
	struct new_file **list;
	size_t count;
	struct child **children;
	size_t child_count;
};

/* Opens a new file in the directory dir, a descriptor that must stay open as
 * long as *files; path will be its absolute path. If path is NULL,
 * new_files_name sets it later; a file without a path is removed. Unless
 * replace is set, it is an error when the file exists. The result belongs to
 * *files. Returns NULL with the reason on failure. */
struct new_file *new_files_open(struct new_files *files, int dir,
    const char *path, bool replace, struct reason *why);
int new_files_name(struct new_files *files, struct new_file *file,
    const char *path, struct reason *why);

/* Calls whole_file_park for one of these files. */
int new_files_park(
    struct new_files *files, struct new_file *file, struct reason *why);

/* Closes a file and removes it. */
void new_files_drop(struct new_files *files, struct new_file *file);

/* Registers a file that a child is going to make under its final name. */
struct new_file *new_files_expect(
    struct new_files *files, int dir, const char *path, struct reason *why);

/* Makes a hard link, or where that cannot be a symbolic link, to source. */
struct new_file *new_files_link(struct new_files *files, int dir,
    const char *path, const char *source, struct reason *why);

/* Starts a child that makes files of this run. new_files_abandon ends the child
 * before it removes the files. *child must not move until new_files_end, which
 * waits for the child, reaps it and returns its status. */
int new_files_start(struct new_files *files, struct child *child,
    const struct child_plan *plan, struct reason *why);
int new_files_end(struct new_files *files, struct child *child);

/* Calls new_files_end for a child that messages call name. Returns 0 when the
 * child succeeded, or -1 with the reason, which is "" when the child has
 * printed one. */
int new_files_wait(struct new_files *files, struct child *child,
    const char *name, struct reason *why);

/* Gives all files that have a path their names, those that replace another one
 * last. Returns 0, or -1 with the reason. */
int new_files_commit(struct new_files *files, struct reason *why);

/* Makes the files permanent: a thread that wants to remove them, because of a
 * signal, waits for ever. Only for use at the end of the process. */
void new_files_keep(struct new_files *files);

/* Kills the children, removes every file, and blocks threads that try to make
 * another one. Only for use at the end of the process. */
void new_files_abandon(struct new_files *files);

/* Frees the list. Does not remove a file that has its path. */
void new_files_free(struct new_files *files);

#endif
