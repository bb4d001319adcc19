#ifndef UNPACKER_H
#define UNPACKER_H

#include "recipe.h"

#include <stdio.h>

/* emu-unpack at work on one archive, compressed file or FIFO. */
struct unpacker {
	struct staging *staging;
	struct child child;
	int in;      /* what it reads: we see how far it is; or -1 */
	FILE *lines; /* what it says */
};

/* Starts it on the archive of -x, and adds the entries of the archive's
 * images.json, if it holds one, to the document; their paths are members of the
 * archive then. Returns 0, or -1 with the reason. */
int unpacker_start(struct unpacker *unpacker, const char *archive,
    struct document *document, struct reason *why);

/* Has it make the images of -x, and waits for them; when none is to come out of
 * the archive (the cache has them), ends it. Returns 0, or -1 with the reason.
 */
int unpacker_finish(struct unpacker *unpacker, struct reason *why);

/* Runs it for one recipe; for an archive, that is all members of it. Returns 0,
 * or -1 with the reason. */
int unpacker_run(
    struct staging *staging, struct recipe *recipe, struct reason *why);

/* Whether emu-unpack makes both in one run. */
bool unpacker_same(const struct recipe *a, const struct recipe *b);

#endif
