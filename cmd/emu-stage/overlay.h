#ifndef OVERLAY_H
#define OVERLAY_H

#include "job.h"
#include "new_files.h"
#include "reason.h"

/* Has qemu-img make job->out: a qcow2 overlay on the source, or its conversion
 * to raw. Returns 0, or -1 with the reason. */
int overlay_run(struct job *job, struct new_files *files, struct reason *why);

/* Has the guest write to overlays on what the cache keeps now, in place of what
 * was extracted. Returns 0, or -1 with the reason. */
int overlay_kept(
    struct jobs *jobs, struct new_files *files, struct reason *why);

#endif
