#ifndef RECIPES_H
#define RECIPES_H

#include "cache_dir.h"
#include "options.h"
#include "recipe.h"

/* Fills staging->list with a recipe for each image that the document uses and
 * for its minfs: looks at every source and at the cache, and decides how the
 * image is made. What is wrong with one of them ends the program. */
void recipes_decide(struct staging *staging, const struct document *document,
    const struct options *options, const struct cache_dir *cache);

#endif
