#ifndef LEASED_DIR_H
#define LEASED_DIR_H

#include "reason.h"

#include <stdbool.h>

/* A private directory of a run, named KIND-HOST-RUN: the command that made it,
 * host_id() and twelve random digits. The run holds the lease, an exclusive
 * flock(2) on the directory. A later run of the same user on the same host
 * removes directories without a lease (sweep.h). */
struct leased_dir {
	int parent;       /* O_PATH descriptor of the parent, CLOEXEC; -1 */
	char *path;       /* absolute; owned */
	const char *name; /* its last component, in path */
	int lease; /* CLOEXEC descriptor of the directory; -1: not held */
};

/* Opens the parent (NULL: $TMPDIR, or else /var/tmp) and chooses a name. The
 * directory is not made yet, so that a guard that is started between this call
 * and leased_dir_make knows its name. Returns 0, or -1 with the reason; call
 * leased_dir_close either way. */
int leased_dir_choose(struct leased_dir *dir, const char *parent,
    const char *kind, struct reason *why);

/* Makes the directory, mode 0700 whatever the umask, and takes its lease.
 * Returns 0, or -1 with the reason. */
int leased_dir_make(struct leased_dir *dir, struct reason *why);

/* Takes the lease of a directory that another process of this user made.
 * Returns 0, or -1 with errno: EWOULDBLOCK when another process holds the
 * lease, ENOENT when the directory does not exist. */
int leased_dir_take(struct leased_dir *dir);

/* Empties and removes the directory. Takes its lease if this process does not
 * hold it. It is no failure when the directory does not exist, was moved, or is
 * leased by another process, which then removes it. Returns 0, or -1 with the
 * reason. */
int leased_dir_remove(struct leased_dir *dir, struct reason *why);

/* Frees the struct's memory and closes its descriptors, which ends the lease.
 * */
void leased_dir_close(struct leased_dir *dir);

/* Tells whether `name` may be swept: emu-scratch or emu-spawn made it on the
 * same host as `dir`, and it is not marked to be kept. */
bool leased_dir_sweepable(const struct leased_dir *dir, const char *name);

#endif
