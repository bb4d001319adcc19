#ifndef BUNDLE_H
#define BUNDLE_H

#include "file.h"
#include "options.h"

/* Whether the value is the manifest of a Fuchsia product bundle
 * (product_bundle.json; the SDK's src/lib/assembly/product_bundle). */
bool bundle_is(const json_t *json);

/* Returns the document of the machine that boots the bundle whose manifest is
 * in the file: the kernel, the zbi and the disk of its system_a, and the
 * hardware of one of its virtual devices, which is the recommended one unless
 * the options name another. Stores in *note what was not understood, or "". An
 * error in the bundle ends the program. */
json_t *bundle_document(const struct file *file, const struct options *options,
    struct reason *note);

#endif
