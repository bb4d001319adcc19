#ifndef RESULT_H
#define RESULT_H

#include "cache_dir.h"
#include "recipe.h"

/* Checks what was made against what the document says, and the bytes of entries
 * of the cache that were copied. */
void result_check(const struct staging *staging, const struct cache_dir *cache);

/* Writes the results into the document. */
void result_record(const struct staging *staging);

/* Prints how each image was made, on stderr. */
void result_report(const struct staging *staging);

#endif
