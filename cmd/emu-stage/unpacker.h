#ifndef UNPACKER_H
#define UNPACKER_H

#include "command.h"
#include "document.h"
#include "job.h"
#include "new_files.h"
#include "reason.h"

#include <stdio.h>

/* emu-unpack at work on one archive, compressed file or FIFO. */
struct unpacker {
	struct child child;
	int in; /* what it reads and we can see the progress of, or -1 */
	struct new_files *files;
	const char *directory; /* borrowed */
	FILE *lines;           /* what it says */
	uint64_t max;
};

/* Starts it on the archive of -x, and adds the entries of the archive's
 * images.json, if it holds one, to the document; their paths are relative to
 * the archive then. Returns 0, or -1 with the reason. */
int unpacker_start(struct unpacker *unpacker, const char *archive,
    struct document *document, struct reason *why);

/* Has it make the images of -x, and waits for them. Returns 0, or -1 with the
 * reason. */
int unpacker_finish(
    struct unpacker *unpacker, struct jobs *jobs, struct reason *why);

/* Tells whether any image is to come out of the archive of -x. When none is
 * (the cache has them), unpacker_dismiss ends emu-unpack. */
bool unpacker_is_wanted(const struct jobs *jobs);
void unpacker_dismiss(struct unpacker *unpacker);

/* Tells whether this job is the first of those that one run of emu-unpack does:
 * for an archive, all of its members. */
bool unpacker_leads(const struct jobs *jobs, const struct job *job);

/* Does that run. Returns 0, or -1 with the reason. */
int unpacker_run(struct unpacker *unpacker, struct jobs *jobs, struct job *job,
    struct reason *why);

#endif
