#ifndef ARCHIVE_MANIFEST_H
#define ARCHIVE_MANIFEST_H

#include "document.h"

/* Adds the entries of an images.json that came out of an archive, in the line
 * that emu-unpack says about it, to the document. Their paths are joined to the
 * manifest's directory in the archive. Whoever made the archive speaks in them:
 * they name members of it, and cannot say that an image is staged. */
void archive_manifest_add(
    struct document *document, const char *archive, const json_t *line);

#endif
