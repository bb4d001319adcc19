#ifndef DISK_H
#define DISK_H

#include "kind.h"

/* Returns whether the source is a raw disk with partitions or with one file
 * system, and then stores which. */
bool disk_look(struct source *source, struct kind *kind);

/* Returns whether the source is a CD image (ISO 9660), and then stores which.
 */
bool disk_look_iso(struct source *source, struct kind *kind);

#endif
