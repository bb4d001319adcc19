#ifndef SWEEP_H
#define SWEEP_H

#include "leased_dir.h"

#include <stddef.h>
#include <sys/types.h>

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
 *   sweep        what nobody lives to end, also processes that are nobody's
 *                children any more: in the guard for the one run, in a later
 *                run for all
 *
 * A run:
 *   leased_dir_choose, children_adopt; fork the process that outlives; then
 *   leased_dir_make, sweep_note_socket before the socket is bound, and start
 *   the command with EMU_SCRATCH or EMU_SPAWN set to the directory's
 *   path: by that its processes are told when they are nobody's children;
 *   in the end children_bury, leased_dir_remove.
 * The guard, when the worker died: sweep_run. Both: sweep_start, so that
 * neither the command nor the end of the run is held up by what others left. */

/* Notes in the directory, whose lease is held, that the socket at `path` is the
 * run's; one of several. Returns 0, or -1 with errno set. */
int sweep_note_socket(const struct leased_dir *dir, const char *path);

/* Ends the processes of one run whose worker was killed, and removes its socket
 * and its directory: SIGTERM, a tenth of a second, SIGKILL. Those that may not
 * be looked at are left. Returns 0, or -1 with the reason. */
int sweep_run(struct leased_dir *dir, struct reason *why);

/* Starts a process that does the same for all runs of this user and host that
 * left a directory beside one of `dirs` (those with a path) and live no more:
 * killed whole, or by a power cut. What resists is left, silently: the run that
 * left it has said so. The process dies with the caller. Returns its ID, or
 * -1. */
pid_t sweep_start(struct leased_dir *const dirs[], size_t count);

/* How long the end of a run may wait for that process (children_dismiss), in
 * nanoseconds: what is left is for the next run. */
enum { SWEEP_PATIENCE = 100000000 };

#endif
