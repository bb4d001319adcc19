#ifndef BUNDLE_H
#define BUNDLE_H

#include "file.h"

/* Whether the value is the manifest of a Fuchsia product bundle
 * (product_bundle.json; the SDK's src/lib/assembly/product_bundle). */
bool bundle_is(const json_t *json);

/* Returns the document of the machine that boots the bundle whose manifest is
 * in the file, as far as the bundle describes it: the kernel, the zbi and the
 * disk of its system_a, and the hardware of its virtual device called `device`,
 * or of the recommended one for NULL. Stores in *note what was not understood,
 * or "". An error in the bundle ends the program. */
json_t *bundle_document(
    const struct file *file, const char *device, struct reason *note);

#endif
