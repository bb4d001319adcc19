#ifndef UNSPARSE_H
#define UNSPARSE_H

#include "recipe.h"

/* Whether the file's first bytes, read from fd, are those of an Android
 * sparse image. */
bool unsparse_knows(int fd);

/* Expands the Android sparse image in the source (libsparse's sparse_format.h)
 * into the raw image recipe->out. The source is read in one pass, and may be a
 * FIFO. As with simg2img(1), blocks that it leaves out (DONT_CARE) read as
 * zeros, and its checksums are ignored. A malformed image ends the program. */
void unsparse_run(struct staging *staging, struct recipe *recipe);

#endif
