#ifndef SCRATCH_H
#define SCRATCH_H

#include "reason.h"

#include <stdbool.h>

/* The private directory. Its name says what becomes of it: emu-scratch-X is
 * swept by a later run once nobody holds its lease, emu-kept-X never. X are
 * twelve random hexadecimal digits. */
struct scratch {
	int parent;       /* O_PATH descriptor of the parent, CLOEXEC */
	char *path;       /* of the directory, absolute; owned */
	const char *name; /* its last component, in path */
	bool keep;
};

/* Opens the parent and chooses a name. Nothing is made yet, so that whoever is
 * left can always find what was made. Returns 0, or -1 with the reason. */
int scratch_choose(
    struct scratch *scratch, const char *parent, bool keep, struct reason *why);

/* Makes the directory, mode 0700 whatever the umask, and takes its lease.
 * Returns the lease, a CLOEXEC descriptor of the directory with an exclusive
 * flock(2), or -1 with the reason. */
int scratch_make(const struct scratch *scratch, struct reason *why);

/* Empties and removes the directory under its lease: the one given, or when
 * that is -1 one of its own. Gone already, or in the hands of another process
 * (a later run, sweeping), is no failure. Returns 0, or -1 with the reason. */
int scratch_remove(
    const struct scratch *scratch, int lease, struct reason *why);

/* Whether name is one that a later run may remove. */
bool scratch_sweepable(const char *name);

/* Takes the lease of the directory `name` below `parent` if it is this user's,
 * nobody holds it, and it is still there afterwards. Returns the lease, or -1.
 */
int scratch_lease(int parent, const char *name);

#endif
