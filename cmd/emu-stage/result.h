#ifndef RESULT_H
#define RESULT_H

#include "cache_dir.h"
#include "recipe.h"

/* Checks the new images against the sizes and digests in the document, and
 * copies of the cache's entries against the digests in their names. Checks that
 * no source has changed. A fault ends the program. */
void result_check(const struct staging *staging, const struct cache_dir *cache);

/* Records the new images in the document's entries. */
void result_record(const struct staging *staging);

/* Prints how each image was made, on stderr. */
void result_report(const struct staging *staging);

#endif
