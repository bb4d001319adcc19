#ifndef LEASED_DIR_H
#define LEASED_DIR_H

#include "reason.h"

#include <stdbool.h>

/* A private directory of a run, called KIND-HOST-RUN: what made it, host_id()
 * and twelve random digits. While the run lives it holds the lease, an
 * exclusive flock(2) on the directory; one without a lease is swept (sweep.h)
 * by a later run of the same user on the same host. */
struct leased_dir {
	int parent;       /* O_PATH descriptor of the parent, CLOEXEC; -1 */
	char *path;       /* absolute; owned */
	const char *name; /* its last component, in path */
	int lease; /* CLOEXEC descriptor of the directory; -1: not held */
};

/* Opens the parent (NULL: $TMPDIR, or else /var/tmp) and chooses a name.
 * Nothing is made yet, so that who watches over the maker can be started first
 * and then always find what was made. Returns 0, or -1 with the reason;
 * leased_dir_close either way. */
int leased_dir_choose(struct leased_dir *dir, const char *parent,
    const char *kind, struct reason *why);

/* Makes the directory, mode 0700 whatever the umask, and takes its lease.
 * Returns 0, or -1 with the reason. */
int leased_dir_make(struct leased_dir *dir, struct reason *why);

/* Takes the lease of a directory that another process made, if it is this
 * user's and nobody holds it. Returns 0, or -1 with errno: EWOULDBLOCK when
 * somebody does, ENOENT when it is gone. */
int leased_dir_take(struct leased_dir *dir);

/* Empties and removes the directory, under the lease that is held or else one
 * that it takes. Gone already, moved elsewhere, or in the hands of another
 * process (a later run, sweeping) is no failure. Returns 0, or -1 with the
 * reason. */
int leased_dir_remove(struct leased_dir *dir, struct reason *why);

/* Frees and closes, and so gives the lease up. */
void leased_dir_close(struct leased_dir *dir);

/* Whether `name` is one of the same host as `dir` that may be swept: made by
 * emu-scratch or emu-spawn, and not marked to be kept. */
bool leased_dir_sweepable(const struct leased_dir *dir, const char *name);

#endif
