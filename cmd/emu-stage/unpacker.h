#ifndef UNPACKER_H
#define UNPACKER_H

#include "cache.h"

#include <stdio.h>

/* A run of emu-unpack on one archive, compressed file or FIFO. If it fails, it
 * has said why, and these functions end the program. */
struct unpacker {
	struct staging *staging;
	struct child child;
	int in;      /* the archive; its offset tells how far it is read */
	FILE *lines; /* the output of emu-unpack; NULL: it was not started */

	/* Of -x alone. */
	const char *name;       /* of the archive, for messages */
	struct recipe manifest; /* what the cache knows, or will know, it by */
	json_t *line;           /* what emu-unpack says of the manifest */
};

/* Opens the archive of -x, and adds the entries of its images.json, if it has
 * one, to the document. Their paths are those of members of the archive
 * afterwards. Starts emu-unpack, unless the cache knows the manifest. */
void unpacker_start(struct unpacker *unpacker, const char *archive,
    struct document *document, const struct cache_dir *cache);

/* Makes the images of -x and waits for them. If none is taken out of the
 * archive, because the cache has them all, ends emu-unpack. */
void unpacker_finish(struct unpacker *unpacker);

/* Runs emu-unpack for the recipe, and for all other recipes that extract
 * members of the same archive. */
void unpacker_run(struct staging *staging, struct recipe *recipe);

/* Whether emu-unpack makes the images of both recipes in one run. */
bool unpacker_same(const struct recipe *a, const struct recipe *b);

#endif
