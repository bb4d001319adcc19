#ifndef NEW_FILES_H
#define NEW_FILES_H

#include "child.h"
#include "whole_file.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* A file that is being made. */
struct new_file {
	struct whole_file whole; /* fd -1: a link, or a child makes it */
	char *path;   /* its final absolute path; NULL: not known yet */
	bool replace; /* it replaces an existing file */
	bool there;   /* it has its path, which is removed when the run fails */
};

/* All files that this run makes, and the children that make some of them. The
 * files get their names together when all are complete. If the run fails or a
 * signal ends it, all of them are removed. Initialize with {.lock =
 * PTHREAD_MUTEX_INITIALIZER}; it lasts until the end of the process. The
 * functions below end the program when they fail. */
struct new_files {
	pthread_mutex_t lock;
	struct new_file **list;
	size_t count;
	struct child **children;
	size_t child_count;
};

/* Makes fatal call new_files_abandon, and starts a thread that handles the
 * signals that end a process: it removes the new files, even while other
 * threads block, and then lets the signal end the process. Signals that were
 * ignored stay ignored. SIGPIPE becomes ignored, so that the write fails
 * instead. Call it before any other thread is started. */
void new_files_guard(struct new_files *files);

/* Opens a new file in the directory dir, a descriptor that must stay open as
 * long as *files; path will be its absolute path. If path is NULL,
 * new_files_name sets it later; a file without a path is removed. Unless
 * replace is set, it is an error when the file exists. The result belongs to
 * *files. */
struct new_file *new_files_open(
    struct new_files *files, int dir, const char *path, bool replace);
void new_files_name(
    struct new_files *files, struct new_file *file, const char *path);

/* Calls whole_file_park for one of these files. */
void new_files_park(struct new_files *files, struct new_file *file);

/* Closes a file and removes it. */
void new_files_drop(struct new_files *files, struct new_file *file);

/* Registers a file that a child is going to make under its final name. */
struct new_file *new_files_expect(
    struct new_files *files, int dir, const char *path);

/* Makes a hard link, or where that cannot be a symbolic link, to source. */
struct new_file *new_files_link(
    struct new_files *files, int dir, const char *path, const char *source);

/* Starts a child that makes files of this run. *child must not move until
 * new_files_end, which kills it if it still runs, reaps it, and returns its
 * status as child_end does. */
void new_files_start(struct new_files *files, struct child *child,
    const struct child_plan *plan);

int new_files_end(struct new_files *files, struct child *child);

/* Waits for the child, which messages call name, and ends it. It has to have
 * succeeded; one that exits with another status has said why. */
void new_files_wait(
    struct new_files *files, struct child *child, const char *name);

/* Gives all files that have a path their names, those that replace another one
 * last, and removes the others. */
void new_files_commit(struct new_files *files);

/* Makes the files permanent: a thread that wants to remove them, because of a
 * signal, waits for ever. Only for use at the end of the process. */
void new_files_keep(struct new_files *files);

/* Kills the children, removes every file, and blocks threads that try to make
 * another one. context is the struct new_files. Only for use at the end of the
 * process. */
void new_files_abandon(void *context);

#endif
