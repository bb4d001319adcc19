#ifndef MAKING_H
#define MAKING_H

#include "recipe.h"

/* Opens the new files, clones and links: what takes no time. Then finds out
 * whether there is room for the rest. Returns 0, or -1 with the reason. */
int making_prepare(struct staging *staging, struct reason *why);

/* Whether making the image takes a call of making_run: not when it was cloned
 * or comes in a run of emu-unpack for another one. */
bool making_is_run(const struct recipe *recipe);
int making_run(
    struct staging *staging, struct recipe *recipe, struct reason *why);

/* Makes overlays on what the cache keeps now, in place of what was extracted.
 * Returns 0, or -1 with the reason. */
int making_overlays(struct staging *staging, struct reason *why);

#endif
