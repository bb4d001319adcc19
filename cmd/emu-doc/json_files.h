#ifndef JSON_FILES_H
#define JSON_FILES_H

#include "document.h"
#include "file.h"
#include "options.h"

#include <stddef.h>

/* Makes the document of operands some of which are JSON: a document of the
 * user's, with the images of the manifests and the archive beside it; or
 * Fuchsia's machine of a manifest (images.json) or a product bundle alone.
 * *note is what else there is to say, or "". What is wrong with them ends the
 * program. */
void json_files_read(struct document *document, struct file *files,
    size_t count, const struct options *options, struct reason *note);

#endif
