#ifndef VIRTIOFSD_H
#define VIRTIOFSD_H

#include "machine.h"

/* Returns the program that serves a share over virtio-fs: one that can keep it
 * read-only. Ends the program, naming the share's place, when there is none. */
const char *virtiofsd_find(const struct machine *machine, const char *place);

#endif
