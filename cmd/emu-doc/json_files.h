#ifndef JSON_FILES_H
#define JSON_FILES_H

#include "document.h"
#include "file.h"
#include "options.h"

#include <stddef.h>

/* Makes the document from operands of which at least one is JSON: the user's
 * own document, to which the images of the other operands are added; or,
 * without one, the Fuchsia machine of a manifest (images.json) or of a product
 * bundle. Stores in *note what the user should know, or "". An error ends the
 * program. */
void json_files_read(struct document *document, struct file *files,
    size_t count, const struct options *options, struct reason *note);

#endif
