#ifndef RECIPES_H
#define RECIPES_H

#include "cache_dir.h"
#include "options.h"
#include "recipe.h"

/* Decides what is to be made from what and how, in the directory that staging
 * has; looks at every source. */
void recipes_decide(struct staging *staging, const struct document *document,
    const struct options *options, const struct cache_dir *cache);

#endif
