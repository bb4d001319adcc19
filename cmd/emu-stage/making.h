#ifndef MAKING_H
#define MAKING_H

#include "recipe.h"

/* Opens the new files, clones and links: what takes no time. Then finds out
 * whether there is room for the rest. */
void making_prepare(struct staging *staging);

/* Whether making the image takes a call of making_run: not when it was cloned
 * or comes in a run of emu-unpack for another one. */
bool making_is_run(const struct recipe *recipe);
void making_run(struct staging *staging, struct recipe *recipe);

/* Makes overlays on what the cache keeps now, in place of what was extracted.
 */
void making_overlays(struct staging *staging);

#endif
