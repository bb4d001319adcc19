#ifndef UNPACKER_H
#define UNPACKER_H

#include "recipe.h"

#include <stdio.h>

/* emu-unpack at work on one archive, compressed file or FIFO. A fault of it
 * ends the program. */
struct unpacker {
	struct staging *staging;
	struct child child;
	int in;      /* what it reads: we see how far it is; or -1 */
	FILE *lines; /* what it says */
};

/* Starts it on the archive of -x, and adds the entries of the archive's
 * images.json, if it holds one, to the document; their paths are members of the
 * archive then. */
void unpacker_start(
    struct unpacker *unpacker, const char *archive, struct document *document);

/* Has it make the images of -x, and waits for them; when none is to come out of
 * the archive (the cache has them), ends it. */
void unpacker_finish(struct unpacker *unpacker);

/* Runs it for one recipe; for an archive, that is all members of it. */
void unpacker_run(struct staging *staging, struct recipe *recipe);

/* Whether emu-unpack makes both in one run. */
bool unpacker_same(const struct recipe *a, const struct recipe *b);

#endif
