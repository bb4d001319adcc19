#ifndef BUNDLE_H
#define BUNDLE_H

#include "file.h"
#include "options.h"

/* Whether it is a product bundle of Fuchsia's (product_bundle.json; the SDK's
 * src/lib/assembly/product_bundle). */
bool bundle_is(const json_t *json);

/* Makes the document of the machine that the bundle in the file is for: the
 * kernel, the zbi and the disk of its system_a, and what its virtual device
 * has: the recommended one, or the one that the options name. *note says what
 * was not understood, or is "". What is wrong with it ends the program. */
json_t *bundle_document(const struct file *file, const struct options *options,
    struct reason *note);

#endif
