#ifndef SWEEP_H
#define SWEEP_H

#include "leased_dir.h"

/* Taking a run away: how emu-scratch and emu-spawn share it.
 *
 * Both are a worker and one process more, which outlives the worker's SIGKILL
 * and finishes. They share the parts, not the process: emu-scratch's second
 * process is its front and must be the caller's child, emu-spawn's is a guard
 * in a session of its own, because emu-spawn itself reads the terminal and has
 * to stay in the caller's process group, which may be killed whole.
 *
 *   children     lists and ends what is below a subreaper, by SIGTERM, by
 *                SIGKILL; says what does not end
 *   leased_dir   the run's directory, its lease, its removal (removal)
 *   local_socket removes a socket that nobody listens on
 *   orphans      ends processes that are nobody's children any more
 *   sweep        what nobody lives to end: in the guard for the one run, in a
 *                later run for all
 *
 * A run:
 *   leased_dir_choose, children_adopt; fork the process that outlives; then
 *   leased_dir_make, sweep_note_socket before the socket is bound, and start
 *   the command with EMU_SCRATCH or EMU_SPAWN set to the directory's
 *   path: by that its processes are told when they are nobody's children;
 *   in the end children_bury, leased_dir_remove.
 * The guard, when the worker died: sweep_run. Both: sweep, by the process that
 * has nothing else to do, so that a start does not wait for it. */

/* Notes in the directory, whose lease is held, that the socket at `path` is the
 * run's. Returns 0, or -1 with errno set. */
int sweep_note_socket(const struct leased_dir *dir, const char *path);

/* Ends the processes of one run whose worker was killed, and removes its socket
 * and its directory: SIGTERM, a tenth of a second, SIGKILL. Those that may not
 * be looked at are left. Returns 0, or -1 with the reason. */
int sweep_run(struct leased_dir *dir, struct reason *why);

/* Does the same for all runs of this user and host that left a directory beside
 * `dir` and live no more (killed whole, or by a power cut). What resists is
 * left, silently: the run that left it has said so. Raises the limit of open
 * files: the process is there for this. */
void sweep(const struct leased_dir *dir);

#endif
