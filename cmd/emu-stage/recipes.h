#ifndef RECIPES_H
#define RECIPES_H

#include "cache_dir.h"
#include "options.h"
#include "recipe.h"

/* Decides what is to be made from what and how, in the directory that staging
 * has; looks at every source. Returns 0, or -1 with the reason; recipes_free
 * frees either way. */
int recipes_decide(struct staging *staging, const struct document *document,
    const struct options *options, const struct cache_dir *cache,
    struct reason *why);

void recipes_free(struct staging *staging);

#endif
