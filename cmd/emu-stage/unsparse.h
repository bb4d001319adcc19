#ifndef UNSPARSE_H
#define UNSPARSE_H

#include "recipe.h"

/* Whether the file's first bytes, read from fd, are those of an Android
 * sparse image. */
bool unsparse_knows(int fd);

/* Makes recipe->out the raw image that the Android sparse image in the source
 * stands for (libsparse's sparse_format.h): from a file, or from a FIFO in one
 * pass. What it says nothing about (DONT_CARE) reads as zeros, and its
 * checksums are passed over, as simg2img(1) does both. */
void unsparse_run(struct staging *staging, struct recipe *recipe);

#endif
