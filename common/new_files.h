#ifndef NEW_FILES_H
#define NEW_FILES_H

#include "child.h"
#include "reason.h"
#include "whole_file.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* A file on its way into a directory. */
struct new_file {
	struct whole_file whole; /* fd -1: a link, or a child makes it */
	char *path;   /* absolute: where it will be; NULL: nowhere yet */
	bool replace; /* takes the place of an old file */
	bool there;   /* has its name, which new_files_abandon removes */
};

/* All files that this run makes, and the children that make some of them: they
 * get their names together when all are complete, and none stays when the run
 * fails or a signal ends it. Start with {.lock = PTHREAD_MUTEX_INITIALIZER}. */
struct new_files {
	pthread_mutex_t lock;
	struct new_file **list;
	size_t count;
	struct child **children;
	size_t child_count;
};

/* Opens a new file in the directory open as dir, which lives as long as
 * *files; its absolute path will be path. When that is NULL, new_files_name
 * gives it one later, or it goes away. Unless it replaces one, a file that
 * exists is an error. It belongs to *files. Returns NULL with the reason on
 * failure. */
struct new_file *new_files_open(struct new_files *files, int dir,
    const char *path, bool replace, struct reason *why);
int new_files_name(struct new_files *files, struct new_file *file,
    const char *path, struct reason *why);

/* whole_file_park for a file of these. */
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

/* child_start for one that makes files of this run: new_files_abandon ends it
 * before it removes them. *child stays in place until new_files_end, which
 * waits for it, reaps it and returns its status. */
int new_files_start(struct new_files *files, struct child *child,
    const struct child_plan *plan, struct reason *why);
int new_files_end(struct new_files *files, struct child *child);

/* new_files_end for one that messages call name. Returns 0 when it succeeded,
 * or -1 with the reason: "" when it has said one itself. */
int new_files_wait(struct new_files *files, struct child *child,
    const char *name, struct reason *why);

/* Gives all files that have a path their names, those that replace another one
 * last. Returns 0, or -1 with the reason. */
int new_files_commit(struct new_files *files, struct reason *why);

/* From here on the files stay: a thread that wants to remove them waits for
 * ever, and so a signal comes too late. For the end of the process only. */
void new_files_keep(struct new_files *files);

/* Kills the children, removes every file, and lets no thread make another:
 * those that try wait for ever. For the end of the process only. */
void new_files_abandon(struct new_files *files);

/* Frees the list; removes nothing that has its name. */
void new_files_free(struct new_files *files);

#endif
