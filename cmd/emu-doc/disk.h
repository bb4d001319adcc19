#ifndef DISK_H
#define DISK_H

#include "kind.h"

/* Whether the source is a raw disk: partitioned, or one file system. */
bool disk_look(struct source *source, struct kind *kind);

/* Whether it is a CD image. */
bool disk_look_iso(struct source *source, struct kind *kind);

#endif
